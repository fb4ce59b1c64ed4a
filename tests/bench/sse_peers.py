# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Servers of events and their clients, as processes to measure."""

import json
import os
import resource
import socket
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
NGINX = Path('/usr/sbin/nginx')
NCHAN = Path('/usr/lib/nginx/modules/ngx_nchan_module.so')
TICK = os.sysconf('SC_CLK_TCK')

NGINX_CONF = '''
load_module {nchan};
{user}
daemon off;
worker_processes 1;
worker_rlimit_nofile {files};
pid {work}/nginx.pid;
error_log {work}/error.log;
events {{ worker_connections {files}; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path {work}/body;
  proxy_temp_path {work}/proxy;
  fastcgi_temp_path {work}/fastcgi;
  uwsgi_temp_path {work}/uwsgi;
  scgi_temp_path {work}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location = /publish {{ nchan_publisher http; nchan_channel_id it; nchan_message_buffer_length 1024; }}
    location = /events {{
      nchan_subscriber eventsource;
      nchan_channel_id it;
      nchan_subscriber_first_message newest;
    }}
  }}
}}
'''


def cpu_seconds(pid):
    """What a process has used, all its threads together."""
    fields = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory(pid, what='VmRSS'):
    """Bytes: VmRSS now, VmHWM at most."""
    for line in Path(f'/proc/{pid}/status').read_text().splitlines():
        if line.startswith(what + ':'):
            return int(line.split()[1]) * 1024
    raise ValueError(what)


def children(pid):
    return [int(child) for child in Path(f'/proc/{pid}/task/{pid}/children').read_text().split()]


class Server:
    """A program of this bench that serves events: prints its port first, ends at SIGTERM."""

    def __init__(self, program, *arguments):
        self.process = subprocess.Popen([HERE / program, *map(str, arguments)], stdout=subprocess.PIPE,
                                        stdin=subprocess.PIPE, text=True)
        self.pid = self.process.pid
        self.port = json.loads(self.process.stdout.readline())['port']

    def connected(self):
        """All clients are there."""

    def stop(self):
        self.process.terminate()
        self.process.stdout.close()
        if self.process.stdin:
            self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()


class Nchan(Server):
    """nginx with nchan in a directory of its own; another process publishes."""

    def __init__(self, work, rate):
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            self.port = probe.getsockname()[1]
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        conf = Path(work, 'nginx.conf')
        conf.write_text(NGINX_CONF.format(nchan=NCHAN, work=work, port=self.port, files=files,
                                          user='user root;' if os.geteuid() == 0 else ''))
        self.process = subprocess.Popen([NGINX, '-p', work, '-e', Path(work, 'error.log'), '-c', conf],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.pid = self.wait_worker()
        self.rate = rate
        self.publisher = None

    def connected(self):
        # Before, it would keep nginx from accepting them: 10 000 take it half a minute then.
        self.publisher = subprocess.Popen([HERE / 'sse_post', str(self.rate), str(self.port), '/publish'])

    def wait_worker(self):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and self.process.poll() is None:
            workers = children(self.process.pid)
            with socket.socket() as probe:
                if workers and probe.connect_ex(('127.0.0.1', self.port)) == 0:
                    return workers[0]
            time.sleep(0.01)
        raise RuntimeError('nginx does not start')

    def stop(self):
        if self.publisher:
            self.publisher.kill()
            self.publisher.wait()
        super().stop()

    @staticmethod
    def is_there():
        return NGINX.exists() and NCHAN.exists()


def load(port, *arguments):
    """Clients as a process; iterating over it gives what they say."""
    return subprocess.Popen([HERE / 'h4load', f'--port={port}', *arguments], stdout=subprocess.PIPE,
                            stdin=subprocess.DEVNULL, text=True)


def measure(server, clients, seconds=4, warm=2):
    """The clients' report, with the server's CPU time an event and its memory a client."""
    time.sleep(0.3)
    empty = memory(server.pid)
    with load(server.port, f'--clients={clients}', f'--warm={warm}', f'--measure={seconds}', '--time=30') as process:
        for line in process.stdout:
            said = json.loads(line)
            if said['state'] == 'connected':
                server.connected()
            elif said['state'] == 'measuring':
                before = cpu_seconds(server.pid)
            elif said['state'] == 'report':
                if 'measured' not in said:
                    return None
                said['cpu_us'] = (cpu_seconds(server.pid) - before) * 1e6 / max(said['measured'], 1)
                said['bytes_per_client'] = (memory(server.pid) - empty) / said['clients']
                return said
    raise RuntimeError('h4load failed')
