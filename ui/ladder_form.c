#include "ui/ladder_form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/command.h"
#include "proto/ladder_json.h"
#include "proto/rendition_text.h"
#include "src/model/ladder_cost.h"
#include "src/model/view_money.h"

static struct err *check_one(const void *ctx, const char *text)
{
	struct rendition unused;

	(void)ctx;
	return rendition_text_parse(&unused, text);
}

/* The fields that are filled in and right; fields[k] is where the k-th is. */
static struct ladder read_ladder(const struct form *f, size_t fields[static LADDER_MAX])
{
	struct ladder l = {.n = 0};

	for (size_t i = 0; i < LADDER_MAX; i++) {
		struct err *e;

		if (!*form_text(f, i))
			continue;
		e = rendition_text_parse(&l.r[l.n], form_text(f, i));
		if (!e)
			fields[l.n++] = i;
		err_free(e);
	}
	return l;
}

static struct err *check_all(const struct form *f, size_t *at)
{
	size_t fields[LADDER_MAX];
	struct ladder l = read_ladder(f, fields);
	size_t n = l.n;

	if (!n) {
		*at = 0;
		return err_new(ERR_INVALID, "a ladder has one rendition at least");
	}
	/* The first that does not go with those before it. */
	for (l.n = 1; l.n <= n; l.n++) {
		struct err *e = ladder_validate(&l);

		*at = fields[l.n - 1];
		if (e)
			return e;
	}
	return NULL;
}

/* What an orchestrator asks; without one, the most that is paid. */
static bool price_of(const struct mirror *m, struct price *out, const char **whose)
{
	if (!m)
		return false;
	*whose = "asked";
	if (view_read_price(out, m->pricing.advertised))
		return true;
	*whose = "the highest paid";
	return view_read_price(out, m->pricing.max_price);
}

/* Beside a field a gwei more or less does not matter. */
static struct wei rounded(struct wei a)
{
	struct wei out;

	if (wei_cmp(a, wei_from_gwei(1000)) < 0 ||
		!wei_mul(&out, wei_div(a, 1000000000), 1000000000))
		return a;
	return out;
}

static void add_cost(const struct mirror *m, struct pixels per_s, bool exact, struct str *out)
{
	const char *whose;
	struct price p;
	struct wei hour;

	str_printf(out, "%.1f Mpx/s", (double)per_s.v / 1e6); /* raw: for display */
	if (price_of(m, &p, &whose) && price_per_hour(&hour, p, per_s)) {
		str_add(out, "  ");
		wei_fmt(out, exact ? hour : rounded(hour));
		str_add(out, "/h");
	}
}

static void note(const struct form *f, const struct mirror *m, size_t i, struct str *out)
{
	struct rendition r;
	struct err *e;

	if (!*form_text(f, i))
		return;
	e = rendition_text_parse(&r, form_text(f, i));
	if (!e)
		add_cost(m, rendition_pixels_per_s(&r), false, out);
	err_free(e);
}

static void tell(const struct form *f, const struct mirror *m, struct str *out)
{
	size_t fields[LADDER_MAX];
	struct ladder l = read_ladder(f, fields);
	const char *whose;
	struct price p;

	str_printf(out, "%zu renditions: ", l.n);
	add_cost(m, ladder_pixels_per_s(&l), true, out);
	if (price_of(m, &p, &whose)) {
		str_add(out, ", at ");
		price_fmt(out, p);
		str_printf(out, " (%s)", whose);
	} else {
		str_add(out, "; no price is known to reckon with");
	}
}

static bool are_presets(const struct ladder *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct str s = STR_INIT;
		bool preset;

		rendition_text_write(&l->r[i], &s);
		preset = !strcmp(s.s, l->r[i].name);
		str_clear(&s);
		if (!preset)
			return false;
	}
	return true;
}

static struct intent done(const struct form *f)
{
	size_t fields[LADDER_MAX];
	struct ladder l = read_ladder(f, fields);
	struct str text = STR_INIT, line = STR_INIT;
	struct intent i;

	if (are_presets(&l)) {
		for (size_t k = 0; k < l.n; k++)
			str_printf(&text, "%s%s", k ? "," : "", l.r[k].name);
	} else {
		ladder_json_write(&l, &text);
	}
	str_add(&line, "set_ladder ");
	command_quote(&line, str_cstr(&text));
	i = intentf(INTENT_COMMAND, "%s", line.s);
	str_clear(&text);
	str_clear(&line);
	return i;
}

static void list_presets(struct str *out)
{
	for (size_t i = 0; preset_at(i); i++) {
		if (preset_at(i)->selectable)
			str_printf(out, "%s%s", out->len ? "|" : "",
				preset_at(i)->rendition.name);
	}
}

struct form *ladder_form(const struct view_pricing *v)
{
	static const struct form_ops ops = {
		.check = check_all, .note = note, .tell = tell, .done = done};
	struct form *f = form_new(&ops, "Ladder of streams to come", NULL);
	struct str presets = STR_INIT;

	list_presets(&presets);
	for (size_t i = 0; i < LADDER_MAX; i++) {
		char name[8], label[20];

		snprintf(name, sizeof(name), "%zu", i);
		snprintf(label, sizeof(label), "Rendition %zu", i + 1);
		form_add(f, &(struct field){
			.name = name,
			.label = label,
			.help = "A preset (PgDn, PgUp go through them), one of your own as "
				"\"name 1280x720 30fps 4000k\", or its JSON object; empty: "
				"none. What is left out follows the source.",
			.words = presets.s,
			.value = i < v->renditions.n ? v->renditions.v[i].text : NULL,
			.check = check_one,
		});
	}
	str_clear(&presets);
	return f;
}
