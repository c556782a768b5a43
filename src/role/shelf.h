#ifndef SRC_ROLE_SHELF_H
#define SRC_ROLE_SHELF_H
/* Files served from memory under "/stream/": an orchestrator's renditions and
 * the segments its remote transcoders fetch; a broadcaster's playlists and
 * segments. Lives on the net actor, which is where requests look things up;
 * others post to it, and what one thread posts is seen in that order.
 *
 * A path is "<dir>/<name>". Segments fill a ring per directory (12, as the
 * reference's memory store keeps); playlists are kept until their directory's
 * owner drops them. Headers and errors: lpms vidplayer. */
#include "src/base/blob.h"
#include "src/net/exchange.h"

struct shelf;

struct shelf *shelf_new(struct net *net);
void shelf_free(struct shelf *s); /* after net_stop() */

enum shelf_keep { SHELF_RING, SHELF_KEEP };
/* Replaces a file of the same path. Any thread; takes the blob. */
void shelf_put(struct shelf *s, const char *dir, const char *name,
	enum shelf_keep keep, struct blob *taken);
/* Drops directory `dir`, all below it, and the file "<dir>.m3u8". */
void shelf_drop(struct shelf *s, const char *dir);

/* Serves GET and HEAD of "/stream/<path>"; ctx is the shelf. */
extern const struct handler shelf_handler;
/* On the net actor: borrowed; NULL when not there. */
struct blob *shelf_find(struct shelf *s, const char *path);
#endif
