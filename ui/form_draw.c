/* How a form looks: a field a line, what is wrong under it, the whole below. Marks
 * are characters, so no colour is needed: '>' is where one is, '*' was changed,
 * '!' is wrong. */
#include <string.h>

#include "ui/form_private.h"

#define LABEL_MAX 26
#define TELL_MAX 8

struct layout {
	int label_w, value_w, note_w;
};

static int at_most(int a, int b)
{
	return a < b ? a : b;
}

static void add_note(const struct form *f, const struct mirror *m, size_t i, struct str *out)
{
	const struct field *d = &f->fields[i].field;

	if (f->ops->note)
		f->ops->note(f, m, i, out);
	if (!out->len)
		str_printf(out, "%s%s%s", d->unit, *d->unit && *d->bounds ? "  " : "",
			d->bounds);
}

static struct layout choose(const struct form *f, const struct mirror *m,
	const struct canvas *c, int w)
{
	struct layout l = {0, 0, 0};

	for (size_t i = 0; i < f->n; i++) {
		struct str s = STR_INIT;
		int label = canvas_width(c, f->fields[i].field.label);

		add_note(f, m, i, &s);
		l.label_w = label > l.label_w ? label : l.label_w;
		l.note_w = canvas_width(c, str_cstr(&s)) > l.note_w
			? canvas_width(c, str_cstr(&s)) : l.note_w;
		str_clear(&s);
	}
	l.label_w = at_most(l.label_w, LABEL_MAX);
	l.note_w = at_most(l.note_w, w / 3);
	/* Two marks and a blank, a blank, two brackets, two blanks. */
	l.value_w = at_most(w - l.label_w - l.note_w - 8, 48);
	return l;
}

/* Lines that field i takes: a heading, itself, what is wrong. */
static bool has_heading(const struct form *f, size_t i)
{
	const char *group = f->fields[i].field.group;

	return *group && (!i || strcmp(f->fields[i - 1].field.group, group));
}

static size_t lines_of(const struct form *f, size_t i)
{
	return 1 + has_heading(f, i) + (f->fields[i].error != NULL);
}

static void draw_value(const struct form *f, size_t i, struct canvas *c, struct rect r,
	int *x, int *y)
{
	const struct form_entry *e = &f->fields[i];
	bool choice = e->field.kind == FIELD_CHOICE, here = i == f->here;
	struct rect in = {r.x + 1, r.y, r.w - 2, 1};
	int at;

	if (e->field.fixed) {
		canvas_text(c, in.x, r.y, in.w, STYLE_DIM, line_text(&e->line));
		at = in.x;
	} else if (e->field.kind == FIELD_SECRET) {
		canvas_text(c, r.x, r.y, r.w, STYLE_LABEL, *line_text(&e->line)
			? "(typed; it is not shown)" : "(nothing yet; it will not be shown)");
		at = r.x;
	} else {
		canvas_put(c, r.x, r.y, STYLE_LABEL, choice ? '<' : '[');
		at = line_draw(&e->line, c, in, here ? STYLE_INPUT : STYLE_VALUE);
		canvas_put(c, r.x + r.w - 1, r.y, STYLE_LABEL, choice ? '>' : ']');
	}
	if (here) {
		*x = at;
		*y = r.y;
	}
}

static void draw_field(const struct form *f, const struct mirror *m, size_t i,
	struct layout l, struct canvas *c, struct rect r, int *x, int *y)
{
	const struct form_entry *e = &f->fields[i];
	struct str note = STR_INIT;
	int at = r.x;

	canvas_put(c, at++, r.y, STYLE_VALUE, i == f->here ? '>' : ' ');
	canvas_put(c, at, r.y, e->error ? STYLE_FAIL : STYLE_WARN,
		e->error ? '!' : form_is_changed(e) ? '*' : ' ');
	at += 2;
	canvas_text(c, at, r.y, l.label_w, i == f->here ? STYLE_VALUE : STYLE_LABEL,
		e->field.label);
	at += l.label_w + 1;
	draw_value(f, i, c, (struct rect){at, r.y, l.value_w + 2, 1}, x, y);
	at += l.value_w + 4;
	add_note(f, m, i, &note);
	canvas_text(c, at, r.y, r.x + r.w - at, STYLE_NORMAL, str_cstr(&note));
	str_clear(&note);
}

static void scroll_to_here(struct form *f, size_t room)
{
	size_t first = 0, last;

	for (size_t i = 0; i < f->here; i++)
		first += lines_of(f, i);
	last = first + lines_of(f, f->here);
	if (first < f->top)
		f->top = first;
	if (last > f->top + room)
		f->top = last - room;
}

static void draw_fields(struct form *f, const struct mirror *m, struct canvas *c,
	struct rect r, int *x, int *y)
{
	struct layout l = choose(f, m, c, r.w);
	size_t line = 0;

	if (!f->n)
		return;
	scroll_to_here(f, (size_t)r.h);
	for (size_t i = 0; i < f->n; i++) {
		const char *parts[3] = {NULL, "", NULL};

		parts[0] = has_heading(f, i) ? f->fields[i].field.group : NULL;
		parts[2] = f->fields[i].error;
		for (size_t k = 0; k < ARRAY_SIZE(parts); k++) {
			int at = (int)line - (int)f->top;

			if (!parts[k])
				continue;
			line++;
			if (at < 0 || at >= r.h)
				continue;
			at += r.y;
			if (k == 1)
				draw_field(f, m, i, l, c, (struct rect){r.x, at, r.w, 1},
					x, y);
			else
				canvas_textf(c, k ? r.x + l.label_w + 4 : r.x, at,
					k ? r.w - l.label_w - 4 : r.w,
					k ? STYLE_FAIL : STYLE_TITLE, "%s%s",
					k ? "wrong: " : "", parts[k]);
		}
	}
	if (line > f->top + (size_t)r.h)
		canvas_text(c, r.x + r.w - 6, r.y + r.h - 1, 6, STYLE_DIM, "more v");
}

/* Lines of the text, a line each, from y upwards; returns how many. */
static int draw_lines(struct canvas *c, struct rect r, enum style style, const char *text)
{
	int n = 0;

	for (; *text && n < r.h; n++) {
		size_t len = strcspn(text, "\n");

		canvas_textf(c, r.x, r.y + n, r.w, style, "%.*s", (int)len, text);
		text += len + (text[len] == '\n');
	}
	return n;
}

static int count_lines(const char *text)
{
	int n = *text != 0;

	for (; *text; text++)
		n += *text == '\n' && text[1];
	return n;
}

void form_draw(struct form *f, const struct mirror *m, struct canvas *c, struct rect r,
	int *x, int *y)
{
	const char *help = f->n ? f->fields[f->here].field.help : "";
	struct str tell = STR_INIT;
	int below, help_h = 2;
	struct rect in;

	canvas_fill(c, r, STYLE_NORMAL, ' ');
	in = canvas_box(c, r, f->title);
	in.x++;
	in.w -= 2;
	if (f->ops->tell)
		f->ops->tell(f, m, &tell);
	below = at_most(count_lines(str_cstr(&tell)), TELL_MAX);
	/* Fields first: on a low screen the rest makes room. */
	below = at_most(below, in.h - help_h - 4 > 0 ? in.h - help_h - 4 : 0);
	draw_fields(f, m, c, (struct rect){in.x, in.y, in.w, in.h - below - help_h - 1}, x, y);
	in.y += in.h - below - help_h - 1;
	canvas_hline(c, in.x, in.y++, in.w, STYLE_BORDER);
	draw_lines(c, (struct rect){in.x, in.y, in.w, below}, STYLE_VALUE, str_cstr(&tell));
	in.y += below;
	if (f->error)
		canvas_textf(c, in.x, in.y, in.w, STYLE_FAIL, "wrong: %s", f->error);
	else
		canvas_wrap(c, (struct rect){in.x, in.y, in.w, help_h}, STYLE_DIM, help);
	str_clear(&tell);
}
