#ifndef UI_PLOT_H
#define UI_PLOT_H
/* Small graphs: a history as columns, a fraction as a bar, in blocks where
 * the terminal has them and in ASCII where not. Unknown values (below zero)
 * leave a hole. Pure. */
#include "ui/canvas.h"

/* The last values of v[n] that fit into r, newest at the right, two a column
 * in braille, one otherwise; `top` is the value of the full height. */
void plot_history(struct canvas *c, struct rect r, enum style style,
	const double *v, size_t n, double top);
/* "[####....]": w columns, fraction 0..1. */
void plot_bar(struct canvas *c, int x, int y, int w, enum style style,
	double fraction);
/* A round number at or above the largest value, at least `least`. */
double plot_top(const double *v, size_t n, double least);
#endif
