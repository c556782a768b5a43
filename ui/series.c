#include "ui/series.h"

#include <math.h>
#include <stdlib.h>

#include "ui/plot.h"
#include "ui/unit.h"

#define HOUR_MS 3600000.0

const char *span_name(enum span s)
{
	return s == SPAN_HOUR ? "1h" : "24h";
}

/* --- values --- */

static double per_ms(const struct sample *q, double sum, double unit_ms)
{
	return q->observed_ms > 0 ? sum * unit_ms / (double)q->observed_ms : -1;
}

static double eth_per_hour(const struct sample *q, struct wei w)
{
	return per_ms(q, u256_to_double(w.v) / 1e18, HOUR_MS); /* raw: a plot's */
}

static struct wei money_of(enum series s, const struct sample *q)
{
	return s == SERIES_EARNED ? q->earned : s == SERIES_REDEEMED ? q->redeemed
		: s == SERIES_GAS ? q->gas : q->spent;
}

double series_value(enum series s, const struct sample *q)
{
	switch (s) {
	case SERIES_SEGMENTS:
		return per_ms(q, (double)q->segments, 60000);
	case SERIES_RATIO:
		return q->media_ms > 0 ? (double)q->busy_ms / (double)q->media_ms : -1;
	case SERIES_PIXELS:
		return per_ms(q, (double)q->pixels, 1000);
	case SERIES_SESSIONS:
		return per_ms(q, (double)q->session_ms, 1);
	case SERIES_CPU:
		return per_ms(q, (double)q->cpu_ms, 1);
	case SERIES_EARNED:
	case SERIES_REDEEMED:
	case SERIES_GAS:
	case SERIES_SPENT:
		return eth_per_hour(q, money_of(s, q));
	case SERIES_COUNT:
		break;
	}
	return -1;
}

/* --- texts --- */

const char *series_name(enum series s)
{
	static const char *const names[SERIES_COUNT] = {
		[SERIES_SEGMENTS] = "Segments/min",
		[SERIES_RATIO] = "Real-time ratio",
		[SERIES_PIXELS] = "Pixels/s",
		[SERIES_SESSIONS] = "Sessions",
		[SERIES_CPU] = "CPU cores",
		[SERIES_EARNED] = "Earned ETH/h",
		[SERIES_REDEEMED] = "Redeemed ETH/h",
		[SERIES_GAS] = "Gas ETH/h",
		[SERIES_SPENT] = "Spent ETH/h",
	};

	return names[s];
}

void series_text(enum series s, double value, struct str *out)
{
	if (value < 0)
		str_add(out, "-");
	else if (s == SERIES_RATIO)
		unit_ratio(out, value);
	else if (s == SERIES_PIXELS)
		unit_count(out, (int64_t)fmin(value, 9e18)); /* a node may say anything */
	else if (s >= SERIES_OFFCHAIN)
		unit_small(out, value);
	else
		str_printf(out, "%.3g", value);
}

void series_total(enum series s, const struct sample *sum, struct str *out)
{
	switch (s) {
	case SERIES_SEGMENTS:
		unit_count(out, sum->segments);
		if (sum->failed) {
			str_add(out, ", ");
			unit_count(out, sum->failed);
			str_add(out, " failed");
		}
		return;
	case SERIES_PIXELS:
		unit_count(out, sum->pixels);
		return;
	case SERIES_EARNED:
	case SERIES_REDEEMED:
	case SERIES_GAS:
	case SERIES_SPENT:
		unit_eth(out, u256_to_double(money_of(s, sum).v) / 1e18); /* raw: for reading */
		return;
	case SERIES_RATIO:
	case SERIES_SESSIONS:
	case SERIES_CPU:
	case SERIES_COUNT:
		break;
	}
	str_add(out, "mean ");
	series_text(s, series_value(s, sum), out);
}

/* --- the picture --- */

static double least_top(enum series s)
{
	return s == SERIES_SEGMENTS ? 10 : s == SERIES_PIXELS ? 1e6
		: s >= SERIES_OFFCHAIN ? 1e-6 : 1;
}

static void draw_title(enum series s, const struct trend *t, enum span span,
	struct str *title)
{
	struct sample sum = trend_sum(t, span, (int64_t)trend_slots(span) *
		trend_slot_ms(span), 0);

	str_printf(title, "%s, %s: ", series_name(s), span_name(span));
	series_total(s, &sum, title);
}

void series_draw(enum series s, const struct trend *t, enum span span, struct canvas *c,
	struct rect r)
{
	struct str title = STR_INIT, top_text = STR_INIT;
	double v[TREND_FINE], top;
	struct sample *folded;
	struct rect in;
	size_t n;

	draw_title(s, t, span, &title);
	in = canvas_box(c, r, str_cstr(&title));
	n = chart_columns(c, in);
	n = n > trend_slots(span) ? trend_slots(span) : n;
	if (n) {
		folded = xcalloc(n, sizeof(*folded));
		trend_fold(t, span, n, folded);
		for (size_t i = 0; i < n; i++)
			v[i] = series_value(s, &folded[i]);
		top = plot_top(v, n, least_top(s));
		series_text(s, top, &top_text);
		chart_draw(c, in, &(struct chart){
			.style = s == SERIES_RATIO || s == SERIES_GAS || s == SERIES_SPENT
				? STYLE_GRAPH_ALT : STYLE_GRAPH,
			.v = v, .n = n, .top = top, .top_text = str_cstr(&top_text),
			.times = {span == SPAN_HOUR ? "-1h" : "-24h",
				span == SPAN_HOUR ? "-30m" : "-12h", "now"}});
		free(folded);
	}
	str_clear(&title);
	str_clear(&top_text);
}
