record_list_seek.py recorded.h4mk 1.3 > printed
grep -qx 'track 1: video' printed
grep -qx 'track 2: audio' printed
[ "$(grep -c '^key frame ' printed)" = 5 ]
grep -qx 'plays from 1.2 s' printed
h4mk verify recorded.h4mk
! record_list_seek.py no-such-directory/recorded.h4mk 1
