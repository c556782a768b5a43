#include "ui/facts.h"

#include <stdarg.h>

#include "src/base/clock.h"

struct facts facts_begin(struct canvas *c, struct rect r, const char *title, int label_w)
{
	return (struct facts){ c, canvas_box(c, r, title), label_w };
}

static void next_line(struct facts *f)
{
	f->in.y++;
	f->in.h--;
}

void facts_line(struct facts *f, enum style style, const char *label, const char *fmt, ...)
{
	struct str s = STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	str_vprintf(&s, fmt, ap);
	va_end(ap);
	if (s.len && f->in.h > 0) {
		canvas_text(f->c, f->in.x + 1, f->in.y, f->label_w, STYLE_LABEL, label);
		canvas_text(f->c, f->in.x + 1 + f->label_w, f->in.y,
			f->in.w - 2 - f->label_w, style, s.s);
		next_line(f);
	}
	str_clear(&s);
}

void facts_say(struct facts *f, enum style style, const char *fmt, ...)
{
	struct str s = STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	str_vprintf(&s, fmt, ap);
	va_end(ap);
	if (f->in.h > 0) {
		canvas_text(f->c, f->in.x + 1, f->in.y, f->in.w - 2, style, str_cstr(&s));
		next_line(f);
	}
	str_clear(&s);
}

void facts_write(struct str *out, const char *label, const char *fmt, ...)
{
	struct str s = STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	str_vprintf(&s, fmt, ap);
	va_end(ap);
	if (s.len)
		str_printf(out, "%-13s %s\n", label, s.s);
	str_clear(&s);
}

void facts_write_time(struct str *out, const char *label, int64_t wall_ms)
{
	char text[CLOCK_TEXT_SIZE];

	if (wall_ms > 0)
		facts_write(out, label, "%s", clock_fmt(text, wall_ms));
}
