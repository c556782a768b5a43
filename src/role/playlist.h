#ifndef SRC_ROLE_PLAYLIST_H
#define SRC_ROLE_PLAYLIST_H
/* One rendition's live window: the last 6 segments, sorted by sequence number
 * whatever order they came in. Pure. Source: lpms
 * stream/basic_hls_video_manifest.go, core/playlistmanager.go. */
#include "src/base/str.h"
#include "src/model/segment.h"

#define PLAYLIST_WINDOW 6

struct playlist_entry {
	uint64_t seq;
	int32_t duration_ms;
	bool discontinuity;
};
struct playlist {
	size_t n;
	struct playlist_entry e[PLAYLIST_WINDOW];
	uint64_t dropped;	   /* MEDIA-SEQUENCE: starts at 0 */
	uint64_t discontinuities; /* dropped with the segments */
	int32_t target_ms;	   /* the longest ever */
};
/* false: it is there already, or older than the window. */
bool playlist_add(struct playlist *p, uint64_t seq, int32_t duration_ms,
	bool discontinuity);
void playlist_write(const struct playlist *p, const char *manifest,
	const char *rendition, enum container c, bool ended, struct str *out);
#endif
