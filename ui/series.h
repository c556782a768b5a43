#ifndef UI_SERIES_H
#define UI_SERIES_H
/* What there is to plot of the node's recent history (src/model/trend.h): each
 * series is a value that a sample has, how it is written, and what it comes to
 * over a span. Rates are by the time that was watched, so an hour's and a day's
 * columns compare. Pure. */
#include "src/model/trend.h"
#include "ui/canvas.h"

enum series {
	SERIES_SEGMENTS,
	SERIES_RATIO,
	SERIES_PIXELS,
	SERIES_SESSIONS,
	SERIES_CPU,
	SERIES_EARNED, /* from here on: of a chain */
	SERIES_REDEEMED,
	SERIES_GAS,
	SERIES_SPENT,
	SERIES_COUNT,
	SERIES_OFFCHAIN = SERIES_EARNED, /* how many there are without one */
};

const char *span_name(enum span s); /* "1h", "24h" */
const char *series_name(enum series s);
/* Below zero: nothing to say of it, or nobody watched. */
double series_value(enum series s, const struct sample *q);
void series_text(enum series s, double value, struct str *out);
/* What all of it comes to: "1234, 1 failed", "0.4 ETH", "mean 0.4x". */
void series_total(enum series s, const struct sample *sum, struct str *out);
/* A box with its plot: title, total, values and times at the axes. */
void series_draw(enum series s, const struct trend *t, enum span span, struct canvas *c,
	struct rect r);
#endif
