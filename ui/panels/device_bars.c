#include "ui/panels/device_bars.h"

#include <inttypes.h>
#include <string.h>

#include "ui/plot.h"
#include "ui/unit.h"

#define ID_W 8
#define METERS 4
#define LABEL_W 5
#define NUMBER_W 5 /* "100%" and a blank */
#define HEAT_W 6   /* "71 C" */
/* Power, encoder sessions or load, name: from which width on, and how much. */
#define WIDE_W 110
#define WIDE_MORE_W 28
#define WIDEST_W 160
#define WIDEST_MORE_W 44
#define HOT 90	   /* where cards begin to slow down */

int device_bars_height(const struct mirror *m)
{
	return m->devices.rows.n ? (int)m->devices.rows.n + 2 : 0;
}

static void draw_meter(struct canvas *c, struct rect r, const char *label, double share)
{
	struct str s = STR_INIT;
	enum style style = share >= 0.95 ? STYLE_WARN : STYLE_OK;

	canvas_text(c, r.x, r.y, LABEL_W, STYLE_LABEL, label);
	if (share < 0) {
		canvas_text(c, r.x + LABEL_W, r.y, r.w - LABEL_W, STYLE_DIM, "n/a");
		return;
	}
	unit_percent(&s, share);
	plot_bar(c, r.x + LABEL_W, r.y, r.w - LABEL_W - NUMBER_W, style, share);
	canvas_field(c, r.x + r.w - NUMBER_W, r.y, NUMBER_W - 1, style, ALIGN_RIGHT, s.s);
	str_clear(&s);
}

static void draw_heat(struct canvas *c, int x, int y, int64_t degrees)
{
	if (degrees < 0)
		canvas_text(c, x, y, HEAT_W, STYLE_DIM, "n/a");
	else
		canvas_textf(c, x, y, HEAT_W, degrees >= HOT ? STYLE_FAIL : STYLE_NORMAL,
			"%" PRId64 " C%s", degrees, degrees >= HOT ? "!" : "");
}

static void draw_more(struct canvas *c, int x, int y, int w, const struct device_row *d)
{
	struct str s = STR_INIT;

	if (d->load >= 0)
		str_printf(&s, "load %.1f of %" PRId64 "  ", d->load, d->cores);
	if (d->power >= 0)
		str_printf(&s, "%.0f W  ", d->power);
	if (d->encoder_sessions >= 0)
		str_printf(&s, "%" PRId64 " encodes  ", d->encoder_sessions);
	str_add(&s, view_text(d->name));
	canvas_text(c, x, y, w, STYLE_DIM, str_cstr(&s));
	str_clear(&s);
}

static void draw_device(struct canvas *c, struct rect r, const struct device_row *d)
{
	static const char *const labels[METERS] = {"busy", "mem", "enc", "dec"};
	const double shares[METERS] = {d->busy, d->memory_total > 0
		? (double)d->memory_used / (double)d->memory_total : -1,
		d->encoder, d->decoder};
	bool gpu = !strcmp(view_text(d->kind), "gpu"), wide = r.w >= WIDE_W;
	int more = r.w >= WIDEST_W ? WIDEST_MORE_W : wide ? WIDE_MORE_W : 0;
	int w = (r.w - ID_W - HEAT_W - more) / METERS;
	int end = r.x + ID_W + w * METERS;

	canvas_text(c, r.x, r.y, ID_W - 1, STYLE_VALUE, view_text(d->id));
	if (strcmp(view_text(d->state), "ok") != 0) {
		canvas_textf(c, r.x + ID_W, r.y, r.w - ID_W, STYLE_FAIL,
			"%s: its driver does not answer", view_text(d->state));
		return;
	}
	for (int i = 0; i < (gpu ? METERS : 2); i++)
		draw_meter(c, (struct rect){r.x + ID_W + i * w, r.y, w, 1}, labels[i],
			shares[i]);
	draw_heat(c, end, r.y, d->temperature);
	if (!gpu && !wide && d->load >= 0)
		canvas_textf(c, r.x + ID_W + 2 * w, r.y, 2 * w, STYLE_DIM,
			"load %.1f of %" PRId64, d->load, d->cores);
	if (wide)
		draw_more(c, end + HEAT_W, r.y, r.x + r.w - end - HEAT_W, d);
}

void device_bars_draw(const struct mirror *m, struct canvas *c, struct rect r)
{
	struct rect in = canvas_box(c, r, "Devices");

	for (size_t i = 0; i < m->devices.rows.n && (int)i < in.h; i++)
		draw_device(c, (struct rect){in.x + 1, in.y + (int)i, in.w - 2, 1},
			&m->devices.rows.v[i]);
}
