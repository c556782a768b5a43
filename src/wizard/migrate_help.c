/* What --help and the manual say of `weir migrate`: from the tables of its flags and
 * answers. */
#include <string.h>

#include "src/model/man.h"
#include "src/wizard/wizard.h"

#define INDENT 18
#define WIDTH 80

static const struct {
	const char *name, *argument, *prose;
} flags[] = {
#define MIGRATE_FLAG(name, argument, prose) {name, argument, prose},
#include "src/wizard/migrate_flags.def"
};

/* Behind the name, and under itself where it takes more lines. */
static void add_prose(struct str *out, size_t column, const char *prose)
{
	while (*prose) {
		size_t n = strcspn(prose, " ");

		if (column + n > WIDTH || column < INDENT) {
			str_printf(out, "%s%*s", column < INDENT ? "" : "\n",
				(int)(column < INDENT ? INDENT - column : INDENT), "");
			column = INDENT;
		}
		str_addn(out, prose, n);
		column += n + 1;
		prose += n + strspn(prose + n, " ");
		str_add(out, *prose && column + strcspn(prose, " ") <= WIDTH ? " " : "");
	}
	str_addc(out, '\n');
}

static void add_row(struct str *out, const char *dashes, const char *name,
	const char *argument, const char *prose)
{
	size_t before = out->len;

	str_printf(out, "  %s%s%s%s", dashes, name, *argument ? " " : "", argument);
	if (out->len - before >= INDENT) {
		str_addc(out, '\n');
		before = out->len;
	}
	add_prose(out, out->len - before, prose);
}

static const char lead[] = "Takes a node of the Livepeer alpha to Streamflow: looks at its data "
	"directory and at the chain, says what there is to do, what it costs and what can be "
	"taken back, and does it step by step. The old directory is only read. Each step is in a "
	"record under $XDG_STATE_HOME/weir/migration before it is done. The console's room M does "
	"the same.";
static const char answers[] = "Answers, beside all flags of a node (network, ethUrl, orchestrator, "
	"serviceAddr, pricePerUnit, ...), which go into the new configuration; in a file of "
	"--answers, or as --name value:";

static void wrap(struct str *out, const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (column && column + 1 + n > WIDTH) {
			str_addc(out, '\n');
			column = 0;
		}
		str_printf(out, "%s%.*s", column ? " " : "", (int)n, text);
		column += n + (column > 0);
		text += n + strspn(text + n, " ");
	}
	str_addc(out, '\n');
}

void migrate_help(struct str *out)
{
	const char *name, *prose;

	str_add(out, "weir migrate --from DIR --to DIR [flags] [--<answer> <value> ...]\n\n");
	wrap(out, lead);
	str_addc(out, '\n');
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		add_row(out, "--", flags[i].name, flags[i].argument, flags[i].prose);
	str_addc(out, '\n');
	wrap(out, answers);
	for (enum choice_id c = 0; c < CHOICES; c++) {
		choice_describe(c, &name, &prose);
		add_row(out, "", name, "", prose);
	}
}

static void man_row(struct str *out, const char *dashes, const char *name,
	const char *argument, const char *prose)
{
	struct str head = STR_INIT;

	str_printf(&head, "%s%s%s%s", dashes, name, *argument ? " " : "", argument);
	str_add(out, ".TP\n.B ");
	man_text(out, head.s);
	str_addc(out, '\n');
	man_text(out, prose);
	str_addc(out, '\n');
	str_clear(&head);
}

void migrate_man(struct str *out)
{
	const char *name, *prose;

	str_add(out, ".SH COMING FROM THE ALPHA\n.B weir migrate\n.RI \\-\\-from \" dir \" "
		"\\-\\-to \" dir \" [ flags ]\n.PP\n");
	man_text(out, lead);
	str_addc(out, '\n');
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		man_row(out, "--", flags[i].name, flags[i].argument, flags[i].prose);
	str_add(out, ".PP\n");
	man_text(out, answers);
	str_addc(out, '\n');
	for (enum choice_id c = 0; c < CHOICES; c++) {
		choice_describe(c, &name, &prose);
		man_row(out, "", name, "", prose);
	}
}
