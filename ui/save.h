#ifndef UI_SAVE_H
#define UI_SAVE_H
/* Files that an operator asks for: screens and tables. Mode 0600, because both show
 * what the socket shows. Blocks on the disk. Errors say what to do. */
#include "src/base/err.h"

/* "~/" is the home directory. A file that is there is left alone, unless replace;
 * a new one that could not be written whole is removed. */
struct err *save_file(const char *path, const char *bytes, size_t n, bool replace)
	must_check;
#endif
