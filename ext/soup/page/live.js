/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
const answer = await fetch('streams');
document.getElementById('streams').textContent = await answer.text();
