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
/* A plot with axes: values at the left, times below. The n values fill the
 * width, n at most chart_columns(). A known zero is a line on the ground, an
 * unknown one a hole. */
struct chart {
	enum style style;
	const double *v;
	size_t n;
	double top;
	const char *top_text;
	const char *times[3]; /* at the left end, in the middle, at the right end */
};
/* How many values there is room for; 0: no room for a chart. */
size_t chart_columns(const struct canvas *c, struct rect r);
void chart_draw(struct canvas *c, struct rect r, const struct chart *k);
/* "[####....]": w columns, fraction 0..1. */
void plot_bar(struct canvas *c, int x, int y, int w, enum style style,
	double fraction);
/* A round number at or above the largest value, at least `least`. */
double plot_top(const double *v, size_t n, double least);
#endif
