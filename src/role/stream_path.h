#ifndef SRC_ROLE_STREAM_PATH_H
#define SRC_ROLE_STREAM_PATH_H
/* Which stream an address means: "/live/movie/key.ts" is manifest "movie" with
 * key "key". Pure. Source: go-livepeer parseManifestID and its
 * vectors. One deliberate difference: the reference removes "live/" wherever
 * it finds it, so that streams whose names end in "live" cannot be played;
 * here it is a prefix only. */
#include "src/model/wire.h"

struct stream_path {
	char manifest[MANIFEST_SIZE]; /* "" none given */
	char key[MANIFEST_SIZE];      /* "" none given */
};
/* path: percent-decoded, without query. Names that could not be a path
 * component, or would break out of one, are refused by name. */
struct err *stream_path_parse(struct stream_path *out, const char *path)
	must_check;
/* Whether a webhook's or a person's name can be a manifest id. */
struct err *manifest_check(const char *name) must_check;
#endif
