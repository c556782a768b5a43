#EXTM3U
#EXTINF:2,
file:///etc/passwd
