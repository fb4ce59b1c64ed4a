list-blocks "$H4_VECTORS/base-0.h4mk" > printed
[ "$(wc -l < printed)" = 6 ]
head -c 100000 "$H4_VECTORS/base-0.h4mk" > cut
[ "$(list-blocks cut | wc -l)" = 1 ]
! list-blocks no-such-file
! list-blocks printed
