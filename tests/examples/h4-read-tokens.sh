gst-launch-1.0 -q filesrc location="$H4_VECTORS/base-0.raw" ! h4videotok block-size=65536 gop=2 \
  ! filesink location=video.tokens
h4-read-tokens video.tokens > printed
[ "$(wc -l < printed)" = 6 ]
[ "$(grep -c ' key$' printed)" = 3 ]
grep -qx ' *5 *166665 µs' printed
head -c 20 video.tokens > cut
! h4-read-tokens cut
