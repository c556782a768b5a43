#ifndef UI_SAY_H
#define UI_SAY_H
/* What a command says outside the console: texts that peers may have had a hand
 * in, so that nothing of them is an order to the terminal. Lines stay lines;
 * what a terminal would obey, or what hides or reorders text, is shown as its
 * bytes. Any thread. */
#include <stdio.h>

#include "src/base/err.h"

/* The lines of text, each ended. */
void say_lines(FILE *to, const char *text);
/* "weir: text" to standard error; returns code. */
int say_error(struct err *taken, int code);
/* JSON with the same characters as \u escapes: it means the same. */
void say_json(FILE *to, const char *json, size_t n);
#endif
