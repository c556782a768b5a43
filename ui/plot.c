#include "ui/plot.h"

#include <math.h>

#define BRAILLE 0x2800
#define FULL_BLOCK 0x2588
#define SHADE 0x2591

double plot_top(const double *v, size_t n, double least)
{
	double max = least, unit;

	for (size_t i = 0; i < n; i++)
		max = v[i] > max ? v[i] : max;
	unit = pow(10, floor(log10(max)));
	for (int i = 0; i < 3; i++) {
		double step = unit * (double[]){1, 2, 5}[i];

		if (step >= max * 0.999)
			return step;
	}
	return unit * 10;
}

/* Dots (or eighths) filled of `full`; anything above zero shows. */
static int filled(double v, double top, int full)
{
	int n = (int)lround(fmin(v / top, 1) * full);

	return v > 0 && !n ? 1 : n;
}

static void braille_column(struct canvas *c, struct rect r, int x,
	enum style style, const int dots[2])
{
	static const uint32_t left[] = {0x40, 0x04, 0x02, 0x01};
	static const uint32_t right[] = {0x80, 0x20, 0x10, 0x08};

	for (int row = 0; row < r.h; row++) {
		uint32_t ch = 0;

		for (int d = 0; d < 4; d++) {
			if (dots[0] > row * 4 + d)
				ch |= left[d];
			if (dots[1] > row * 4 + d)
				ch |= right[d];
		}
		if (ch)
			canvas_put(c, x, r.y + r.h - 1 - row, style,
				BRAILLE + ch);
	}
}

static void ascii_column(struct canvas *c, struct rect r, int x,
	enum style style, int thirds)
{
	for (int row = 0; row < r.h; row++) {
		int n = thirds - row * 3;

		if (n > 0)
			canvas_put(c, x, r.y + r.h - 1 - row, style,
				(uint32_t)".:|"[n > 2 ? 2 : n - 1]);
	}
}

void plot_history(struct canvas *c, struct rect r, enum style style,
	const double *v, size_t n, double top)
{
	bool braille = c->glyphs == GLYPHS_UNICODE;
	size_t room;

	if (r.w <= 0 || r.h <= 0)
		return;
	room = (size_t)r.w * (braille ? 2 : 1);
	if (n > room) {
		v += n - room;
		n = room;
	}
	/* From the newest backwards, so that it ends at the right edge. */
	for (int x = r.x + r.w - 1; n; x--) {
		int dots[2] = {0, 0};

		if (!braille) {
			ascii_column(c, r, x, style,
				filled(v[--n], top, r.h * 3));
			continue;
		}
		dots[1] = filled(v[--n], top, r.h * 4);
		if (n)
			dots[0] = filled(v[--n], top, r.h * 4);
		braille_column(c, r, x, style, dots);
	}
}

/* --- charts --- */

#define AXIS_W 6	/* "1.2M" and a blank, right-aligned */
#define CHART_LEAST_W 12

static struct rect chart_area(struct rect r)
{
	int times = r.h > 2;

	return (struct rect){r.x + AXIS_W, r.y, r.w - AXIS_W, r.h - times};
}

size_t chart_columns(const struct canvas *c, struct rect r)
{
	if (r.w < CHART_LEAST_W || r.h < 1)
		return 0;
	return (size_t)chart_area(r).w * (c->glyphs == GLYPHS_UNICODE ? 2 : 1);
}

/* Dots of the value in column `col` of `cols`; -1 a hole, 0 the ground. */
static int height_at(const struct chart *k, size_t col, size_t cols, int full)
{
	double v = k->v[col * k->n / cols];

	return v < 0 ? -1 : filled(v, k->top, full);
}

static void chart_braille(struct canvas *c, struct rect r, const struct chart *k)
{
	size_t cols = (size_t)r.w * 2;

	for (int x = 0; x < r.w; x++) {
		int dots[2];
		uint32_t ground = 0;

		for (int i = 0; i < 2; i++) {
			dots[i] = height_at(k, (size_t)(x * 2 + i), cols, r.h * 4);
			if (!dots[i])
				ground |= i ? 0x80 : 0x40;
		}
		if (dots[0] <= 0 && dots[1] <= 0 && ground)
			canvas_put(c, r.x + x, r.y + r.h - 1, STYLE_TRACK, BRAILLE + ground);
		for (int i = 0; i < 2; i++) /* beside a column the ground is its own */
			dots[i] = !dots[i] && dots[!i] > 0 ? 1 : dots[i];
		braille_column(c, r, r.x + x, k->style, dots);
	}
}

static void chart_ascii(struct canvas *c, struct rect r, const struct chart *k)
{
	for (int x = 0; x < r.w; x++) {
		int thirds = height_at(k, (size_t)x, (size_t)r.w, r.h * 3);

		if (!thirds)
			canvas_put(c, r.x + x, r.y + r.h - 1, STYLE_TRACK, '_');
		ascii_column(c, r, r.x + x, k->style, thirds);
	}
}

static void chart_times(struct canvas *c, struct rect r, int y, const struct chart *k)
{
	int last = canvas_width(c, k->times[2]), middle = canvas_width(c, k->times[1]);

	canvas_text(c, r.x, y, r.w, STYLE_DIM, k->times[0]);
	if (r.w >= 24)
		canvas_text(c, r.x + (r.w - middle) / 2, y, middle, STYLE_DIM, k->times[1]);
	canvas_text(c, r.x + r.w - last, y, last, STYLE_DIM, k->times[2]);
}

void chart_draw(struct canvas *c, struct rect r, const struct chart *k)
{
	struct rect in = chart_area(r);

	if (!k->n || !chart_columns(c, r))
		return;
	canvas_field(c, r.x, r.y, AXIS_W - 1, STYLE_DIM, ALIGN_RIGHT, k->top_text);
	if (in.h > 1)
		canvas_field(c, r.x, r.y + in.h - 1, AXIS_W - 1, STYLE_DIM, ALIGN_RIGHT, "0");
	if (c->glyphs == GLYPHS_UNICODE)
		chart_braille(c, in, k);
	else
		chart_ascii(c, in, k);
	if (in.h < r.h)
		chart_times(c, in, r.y + in.h, k);
}

/* --- bars --- */

void plot_bar(struct canvas *c, int x, int y, int w, enum style style,
	double fraction)
{
	bool unicode = c->glyphs == GLYPHS_UNICODE;
	int room = unicode ? w : w - 2, on;

	if (room < 1)
		return;
	on = filled(fraction, 1, room);
	if (!unicode) {
		canvas_put(c, x, y, STYLE_BORDER, '[');
		canvas_put(c, x + w - 1, y, STYLE_BORDER, ']');
		x++;
	}
	for (int i = 0; i < room; i++) {
		if (i < on)
			canvas_put(c, x + i, y, style,
				unicode ? FULL_BLOCK : '#');
		else
			canvas_put(c, x + i, y, STYLE_TRACK,
				unicode ? SHADE : '.');
	}
}
