#include "src/migrate/new_config.h"

#include <string.h>

#include "src/migrate/old_flags_private.h"

#define COMMENT_WIDTH 76

struct writer {
	const struct old_flags *f;
	const struct new_config *known;
	struct str *out;
	struct str *missing;	 /* instead of writing, when not NULL */
	bool chain; /* the new node has one */
	bool done[OPT_COUNT];
	struct err *e;
};

/* --- comments --- */

/* Prose as comment lines. What it holds of others' text is made safe: nothing
 * ends the line early. */
static void comment(struct str *out, const char *text)
{
	struct str safe = STR_INIT;
	size_t column = 0;

	str_add_safe(&safe, text, strlen(text), 2048);
	for (const char *p = str_cstr(&safe); *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		if (column && column + 1 + n > COMMENT_WIDTH) {
			str_addc(out, '\n');
			column = 0;
		}
		str_add(out, column ? " " : "# ");
		str_addn(out, p, n);
		column += n + (column ? 1 : 2);
		p += n;
	}
	str_addc(out, '\n');
	str_clear(&safe);
}

static void comment_flag(struct str *out, const struct old_flag *flag)
{
	struct str s = STR_INIT;
	const char *value = flag->secret ? "***" : flag->value;

	if (flag->fate == OLD_UNKNOWN && !*flag->name)
		str_printf(&s, "%.200s: ", value);
	else if (strcmp(flag->value, "true") == 0)
		str_printf(&s, "-%.200s: ", flag->name);
	else
		str_printf(&s, "-%.200s %.200s: ", flag->name, value);
	str_add(&s, flag->comment);
	str_addc(out, '\n');
	comment(out, s.s);
	str_clear(&s);
}

static void comment_trap(struct str *out, const struct old_flags *f, enum old_trap trap)
{
	struct str s = STR_INIT;

	for (size_t i = 0; i < f->n_findings; i++)
		if (f->findings[i].trap == trap) {
			str_printf(&s, "ATTENTION: %s %s", f->findings[i].text,
				f->findings[i].remedy);
			str_addc(out, '\n');
			comment(out, s.s);
		}
	str_clear(&s);
}

/* --- settings --- */

/* "" is a setting that nobody knows. */
static void set(struct writer *w, enum option_id id, const char *value)
{
	const struct option *o = option_get(id);

	if (w->done[id] || (!w->chain && o->support == OPTION_ONCHAIN))
		return;
	w->done[id] = true;
	if (w->missing) {
		if (!*value)
			str_printf(w->missing, "%s\n", o->name);
		return;
	}
	if (!*value)
		str_printf(w->out, "# %s ?   (%s)\n", o->name, o->unit);
	else if (old_value_is_writable(value))
		str_printf(w->out, "%s %s\n", o->name, value);
	else if (!w->e)
		w->e = err_new(ERR_INVALID, "-%s: a configuration file cannot hold this value: "
			"no line ends, no blanks around it, no \" #\" in it", o->name);
}

static void set_text(struct writer *w, enum option_id id, const char *value)
{
	if (value && *value)
		set(w, id, value);
}

static void set_address(struct writer *w, enum option_id id, struct eth_addr a)
{
	struct str s = STR_INIT;

	if (addr_is_zero(a))
		return;
	addr_fmt(&s, a);
	set(w, id, s.s);
	str_clear(&s);
}

/* As a fraction of two numbers, which is what a price is. */
static void set_price(struct writer *w, enum option_id id, struct price p)
{
	struct str s = STR_INIT;

	if (!p.unit.v || w->done[id])
		return;
	u256_fmt(&s, p.per.v); /* raw: an option's text */
	set(w, id, s.s);
	str_truncate(&s, 0);
	str_printf(&s, "%llu", (unsigned long long)p.unit.v);
	set(w, OPT_PIXELS_PER_UNIT, s.s);
	str_clear(&s);
}

/* What is known better than by the flags comes first, and stays. */
static void set_known(struct writer *w)
{
	const struct new_config *k = w->known;

	w->chain = strcmp(k->network ? k->network : w->f->network, "offchain") != 0;
	set_text(w, OPT_NETWORK, k->network);
	set_text(w, OPT_DATADIR, k->datadir);
	set_text(w, OPT_ETH_KEYSTORE_PATH, k->keystore);
	set_address(w, OPT_ETH_ACCT_ADDR, k->account);
	set_text(w, OPT_ETH_PASSWORD, k->password_file);
	if (w->f->roles & OPTION_O)
		set_text(w, OPT_SERVICE_ADDR, k->service);
	set_text(w, OPT_ETH_URL, k->eth_url);
	set_address(w, OPT_ETH_CONTROLLER, k->controller);
	if (w->f->roles & OPTION_O)
		set_price(w, OPT_PRICE_PER_UNIT, k->price);
	if (w->f->roles & OPTION_B)
		set_price(w, OPT_MAX_PRICE_PER_UNIT, k->max_price);
}

static void set_of_flag(struct writer *w, size_t flag)
{
	for (size_t i = 0; i < w->f->n_settings; i++)
		if (w->f->settings[i].from == flag)
			set(w, w->f->settings[i].id, w->f->settings[i].value);
}

static void set_of_traps(struct writer *w)
{
	const struct old_flags *f = w->f;

	for (size_t k = 0; k < f->n_findings; k++) {
		enum old_trap trap = f->findings[k].trap;

		if (!w->missing)
			comment_trap(w->out, f, trap);
		for (size_t i = 0; i < f->n_settings; i++)
			if (f->settings[i].from == SIZE_MAX && f->settings[i].trap == trap)
				set(w, f->settings[i].id, f->settings[i].value);
	}
}

struct err *new_config_write(const struct old_flags *f, const struct new_config *known,
	struct str *out)
{
	struct writer w = { .f = f, .known = known, .out = out };
	size_t start, head;

	comment(out, "weir's configuration, from how the node of the alpha was started: each of "
		"its flags with what became of it. `weir -help` says what the names mean.");
	start = out->len;
	str_add(out, "\n# What the wizard found, and what it was told.\n");
	head = out->len;
	set_known(&w);
	if (out->len == head)
		str_truncate(out, start);
	for (size_t i = 0; i < f->n_flags; i++) {
		comment_flag(out, &f->flags[i]);
		set_of_flag(&w, i);
	}
	set_of_traps(&w);
	return w.e;
}

void new_config_missing(const struct old_flags *f, const struct new_config *known,
	struct str *out)
{
	struct writer w = { .f = f, .known = known, .out = out, .missing = out };

	set_known(&w);
	for (size_t i = 0; i < f->n_flags; i++)
		set_of_flag(&w, i);
	set_of_traps(&w);
}
