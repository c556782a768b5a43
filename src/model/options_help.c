/* The table of options as text: --help, the manual page, completions. */
#include "src/model/options.h"

#include <string.h>

#include "src/model/man.h"

static const struct group {
	const char *title;
	unsigned roles;
} groups[] = {
	{"Orchestrator", OPTION_O},
	{"Orchestrator and transcoder", OPTION_O | OPTION_T},
	{"Orchestrator and broadcaster", OPTION_O | OPTION_B},
	{"Transcoder", OPTION_T},
	{"Transcoder and broadcaster", OPTION_T | OPTION_B},
	{"Broadcaster", OPTION_B},
	{"Every node", OPTION_ALL},
};

static const char *placeholder(const struct option *o)
{
	if (o->type == OPTION_BOOL)
		return "";
	return *o->unit ? o->unit : "value";
}

/* Breaks prose into lines of `width` after `indent` blanks. */
static void add_wrapped(struct str *out, size_t indent, size_t width, const char *prose)
{
	while (*prose) {
		size_t n = strlen(prose), end = n;

		if (n > width)
			for (end = width; end > 0 && prose[end] != ' '; end--)
				;
		if (!end)
			end = strcspn(prose, " ");
		str_printf(out, "%*s%.*s\n", (int)indent, "", (int)end, prose);
		prose += end;
		prose += *prose == ' ';
	}
}

static void add_row(struct str *out, const struct option *o)
{
	const char *value = placeholder(o);

	str_printf(out, "  -%s", o->name);
	if (*value)
		str_printf(out, " <%s>", value);
	if (*o->def && strcmp(o->def, "false") != 0)
		str_printf(out, "  (%s)", o->def);
	str_printf(out, "%s\n", o->live ? "  [live]" : "");
	add_wrapped(out, 8, 71, o->prose);
}

void options_help(struct str *out, bool all)
{
	for (size_t g = 0; g < ARRAY_SIZE(groups); g++) {
		str_printf(out, "%s%s:\n", g ? "\n" : "", groups[g].title);
		for (size_t i = 0; i < OPT_COUNT; i++) {
			const struct option *o = option_get((enum option_id)i);

			if (o->roles == groups[g].roles && o->support == OPTION_SUPPORTED)
				add_row(out, o);
		}
	}
	str_add(out, "\nOn a chain (-network other than offchain):\n");
	for (size_t i = 0; i < OPT_COUNT; i++)
		if (option_get((enum option_id)i)->support == OPTION_ONCHAIN)
			add_row(out, option_get((enum option_id)i));
	if (!all) {
		str_add(out, "\n--help-all lists go-livepeer's other flags and what "
			     "weir says to them.\n");
		return;
	}
	str_add(out, "\nNot supported, and why:\n");
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option *o = option_get((enum option_id)i);

		if (o->support != OPTION_UNSUPPORTED)
			continue;
		str_printf(out, "  -%s\n", o->name);
		add_wrapped(out, 8, 71, o->prose);
	}
}

static void add_man_row(struct str *out, const struct option *o)
{
	str_printf(out, ".TP\n.BI \\-%s", o->name);
	if (*placeholder(o))
		str_printf(out, " \" %s\"", placeholder(o));
	str_addc(out, '\n');
	man_text(out, o->prose);
	if (*o->def) {
		str_add(out, " Default: ");
		man_text(out, o->def);
		str_addc(out, '.');
	}
	str_addc(out, '\n');
}

void options_man(struct str *out)
{
	for (size_t g = 0; g < ARRAY_SIZE(groups); g++) {
		str_printf(out, ".SS %s\n", groups[g].title);
		for (size_t i = 0; i < OPT_COUNT; i++) {
			const struct option *o = option_get((enum option_id)i);

			if (o->roles == groups[g].roles && o->support == OPTION_SUPPORTED)
				add_man_row(out, o);
		}
	}
	str_add(out, ".SS On a chain\n");
	for (size_t i = 0; i < OPT_COUNT; i++)
		if (option_get((enum option_id)i)->support == OPTION_ONCHAIN)
			add_man_row(out, option_get((enum option_id)i));
}

void options_names(struct str *out)
{
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option *o = option_get((enum option_id)i);

		if (o->support != OPTION_UNSUPPORTED)
			str_printf(out, "-%s\n", o->name);
	}
}
