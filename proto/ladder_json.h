#ifndef PROTO_LADDER_JSON_H
#define PROTO_LADDER_JSON_H
/* Ladders as operators, webhooks and encoders write them: a JSON array of
 * objects. Pure; any thread. Source: lpms
 * ffmpeg/videoprofile.go (ParseProfiles). */
#include "src/model/rendition.h"

#define LADDER_JSON_MAX (64u << 10)

/* Keys match in any case, unknown ones are ignored, the last of equal keys
 * wins. Containers stay unset. An empty array is a valid, empty ladder.
 * Error texts are lpms's own where it has them; beyond its checks, sizes,
 * names and duplicates are judged by ladder_validate(). */
struct err *ladder_json_parse(struct ladder *out, const char *text, size_t n)
	must_check;
/* What -transcodingOptions takes: JSON when the first character that is not
 * blank is '[', else presets. */
struct err *ladder_option_parse(struct ladder *out, const char *text)
	must_check;
void ladder_json_write(const struct ladder *l, struct str *out);
#endif
