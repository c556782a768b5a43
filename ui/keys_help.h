#ifndef UI_KEYS_HELP_H
#define UI_KEYS_HELP_H
/* The console's keys and the words of its ':' line, for `weir help --all` and
 * weir(1), from the tables that the console itself reads. Pure. */
#include "src/base/str.h"

void keys_help(struct str *out);
/* A section of the manual, in man macros. */
void keys_man(struct str *out);
#endif
