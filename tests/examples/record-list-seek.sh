record-list-seek recorded.h4mk 1.3 > printed
grep -qx 'track 1: video' printed
grep -qx 'track 2: audio' printed
[ "$(grep -c '^span ' printed)" -ge 2 ]
grep -qx 'span 0 at 0 ms' printed
grep -qx 'plays from 0:00:01.200000000' printed
h4mk verify recorded.h4mk
! record-list-seek no-such-directory/recorded.h4mk 1
