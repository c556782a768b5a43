#ifndef SRC_MODEL_MAN_H
#define SRC_MODEL_MAN_H
/* Text for troff, which reads backslashes, and dots and quotes that begin a
 * line, as its own, and makes a hyphen of a plain minus. Pure. */
#include "src/base/str.h"

void man_text(struct str *out, const char *text);
#endif
