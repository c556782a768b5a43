#include "ui/command_form.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct slot {
	const struct command_arg *arg;
	union command_value most; /* by the argument's type */
};

struct command_fields {
	const struct command_def *def;
	struct slot slots[COMMAND_ARGS_MAX];
};

static struct err *check(const void *ctx, const char *text)
{
	const struct slot *s = ctx;
	union command_value unused;

	return command_arg_parse(s->arg, text, &unused);
}

static void share(const void *ctx, unsigned percent, struct str *out)
{
	const struct slot *s = ctx;
	bool lpt = s->arg->type == ARG_TYPE_LPT;
	struct u256 all = lpt ? s->most.lpt.v : s->most.wei.v, part; /* raw: a share of it */

	if (!u256_mul_div(&part, all, u256_from(percent), u256_from(100)))
		return;
	if (lpt)
		lpt_fmt(out, (struct lpt){part});
	else
		wei_fmt(out, (struct wei){part});
}

static const char *unit_of(enum command_arg_type type)
{
	switch (type) {
	case ARG_TYPE_WEI:
		return "ETH, gwei, wei";
	case ARG_TYPE_LPT:
		return "LPT";
	case ARG_TYPE_PERCENT:
		return "%";
	case ARG_TYPE_PRICE:
		return "wei/px";
	case ARG_TYPE_ADDR:
		return "0x...";
	case ARG_TYPE_TEXT:
	case ARG_TYPE_INT:
	case ARG_TYPE_WORD:
		break;
	}
	return NULL;
}

static char *label_of(const char *name)
{
	char *label = xstrdup(name);

	if (*label >= 'a' && *label <= 'z')
		*label = (char)(*label & ~0x20);
	for (char *p = label; *p; p++)
		*p = *p == '_' ? ' ' : *p;
	return label;
}

static const struct seed *find_seed(const struct seed *seeds, size_t n, const char *arg)
{
	static const struct seed none = {.arg = NULL};

	for (size_t i = 0; i < n; i++) {
		if (!strcmp(seeds[i].arg, arg))
			return &seeds[i];
	}
	return &none;
}

/* Shares are offered of what is there, when it is there. */
static bool knows_most(struct slot *s, const struct seed *seed)
{
	struct err *e;

	if (!seed->most || !*seed->most ||
		(s->arg->type != ARG_TYPE_LPT && s->arg->type != ARG_TYPE_WEI))
		return false;
	e = command_arg_parse(s->arg, seed->most, &s->most);
	err_free(e);
	return !e;
}

static void add_field(struct form *f, struct slot *s, const struct seed *seed)
{
	const struct command_arg *a = s->arg;
	char *label = label_of(a->name), bounds[96] = "";
	bool most = knows_most(s, seed);

	if (seed->bounds)
		snprintf(bounds, sizeof(bounds), "%s", seed->bounds);
	else if (most)
		snprintf(bounds, sizeof(bounds), "at most %s", seed->most);
	else if (a->type == ARG_TYPE_INT)
		snprintf(bounds, sizeof(bounds), "%" PRId64 " to %" PRId64, a->min, a->max);
	form_add(f, &(struct field){
		.name = a->name,
		.label = label,
		/* The amount that there is says its unit. */
		.unit = most ? NULL : unit_of(a->type),
		.bounds = *bounds ? bounds : a->optional ? "may be left out" : NULL,
		.help = a->help,
		.kind = a->type == ARG_TYPE_WORD ? FIELD_CHOICE : FIELD_TEXT,
		.words = seed->words ? seed->words : a->words,
		.value = seed->value,
		.needed = !a->optional,
		.fixed = seed->fixed,
		.check = check,
		.ctx = s,
		.share = most ? share : NULL,
	});
	free(label);
}

/* What stands there anyway need not be said again, but for what it is about. */
static bool is_said(const struct form *f, const struct command_def *d, size_t i)
{
	const struct command_arg *a = &d->args[i];

	return *form_text(f, i) &&
		(!a->optional || form_changed(f, a->name) || form_fixed(f, i));
}

/* Something must be said by those that may all be left out. */
static struct err *check_all(const struct form *f, size_t *at)
{
	const struct command_fields *c = form_ctx(f);
	bool said = !c->def->args_n;

	for (size_t i = 0; i < c->def->args_n; i++)
		said = said || is_said(f, c->def, i);
	*at = 0;
	/* One may be what a node does by itself. */
	return said || c->def->id == CMD_activate ? NULL
		: err_new(ERR_INVALID, "nothing is changed; Esc leaves it as it is");
}

static void tell(const struct form *f, const struct mirror *m, struct str *out)
{
	const struct command_fields *c = form_ctx(f);

	(void)m;
	str_printf(out, "%s: %s", c->def->name, c->def->help);
	if (c->def->tier == TIER_MONEY)
		str_add(out, "\nEnter asks the node what it would do; nothing is sent before "
			"that is confirmed");
}

static struct intent done(const struct form *f)
{
	const struct command_fields *c = form_ctx(f);
	struct str line = STR_INIT;
	struct intent i;

	str_add(&line, c->def->name);
	for (size_t k = 0; k < c->def->args_n; k++) {
		const struct command_arg *a = &c->def->args[k];

		if (!is_said(f, c->def, k))
			continue;
		str_printf(&line, " %s=", a->name);
		command_quote(&line, form_text(f, k));
	}
	i = intentf(INTENT_COMMAND, "%s", line.s);
	str_clear(&line);
	return i;
}

struct form *command_form(enum command_id id, const struct seed *seeds, size_t n)
{
	static const struct form_ops ops = {
		.check = check_all, .tell = tell, .done = done, .free_ctx = free};
	struct command_fields *c = XNEW(struct command_fields);
	char *title = label_of(command_def(id)->name);
	struct form *f = form_new(&ops, title, c);

	c->def = command_def(id);
	for (size_t i = 0; i < c->def->args_n; i++) {
		c->slots[i].arg = &c->def->args[i];
		add_field(f, &c->slots[i], find_seed(seeds, n, c->def->args[i].name));
	}
	free(title);
	return f;
}
