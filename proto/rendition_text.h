#ifndef PROTO_RENDITION_TEXT_H
#define PROTO_RENDITION_TEXT_H
/* One rendition as a person writes it: a preset's name, or "name 1280x720 30fps
 * 4000k" (what is left out follows the source, or the encoder), or the object of
 * proto/ladder_json.h for all there is beside. Pure; any thread. */
#include "src/model/rendition.h"

/* Without a name it is called by its other words. What is wrong is told with what
 * could be written instead. */
struct err *rendition_text_parse(struct rendition *out, const char *text) must_check;
/* Appends the shortest of the three that says all of it. */
void rendition_text_write(const struct rendition *r, struct str *out);
#endif
