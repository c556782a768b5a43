#include "src/node/usage.h"

#include "src/model/man.h"
#include "src/model/options.h"

void usage_start(struct str *out)
{
	str_add(out,
		"weir: no role was given, and no node runs on this data directory.\n"
		"\n"
		"All three roles on this machine, to try it out:\n"
		"  weir -orchestrator -transcoder -broadcaster -serviceAddr 127.0.0.1:8935 "
		"-orchAddr 127.0.0.1:8935\n"
		"An orchestrator for others, which transcodes itself:\n"
		"  weir -orchestrator -transcoder -serviceAddr example.org:8935\n"
		"A broadcaster that uses it:\n"
		"  weir -broadcaster -orchAddr example.org:8935\n"
		"\n"
		"`weir setup` makes a config file of one of them, with comments; `weir help` "
		"lists everything.\n");
}

static void add_command(struct str *out, const struct command_def *c, const char *before)
{
	struct str usage = STR_INIT;

	command_usage(c, &usage);
	str_printf(out, "%s%s", before, str_cstr(&usage));
	str_clear(&usage);
}

void usage_help(struct str *out, const struct usage_row *rows, size_t rows_n, bool all)
{
	str_add(out, "Usage: weir [flags]              start a node and show it\n"
		     "       weir SUBCOMMAND [flags]\n"
		     "       weir COMMAND [arguments] [-datadir DIR]\n"
		     "\nSubcommands:\n");
	for (size_t i = 0; i < rows_n; i++)
		str_printf(out, "  %-10s %s\n", rows[i].name, rows[i].help);
	str_add(out, "\nCommands to the running node (the console has them too); what is in "
		     "brackets may be\nleft out, and given as name=value:\n");
	for (size_t i = 0; i < CMD_COUNT; i++) {
		const struct command_def *c = command_def((enum command_id)i);

		add_command(out, c, "  ");
		str_printf(out, "\n        %s\n", c->help);
	}
	str_add(out, "\nFlags, as -name value, -name=value or --name; each may also be "
		     "LP_<NAME> in the\nenvironment, or a \"name value\" line in the file of "
		     "-config:\n\n");
	options_help(out, all);
	str_add(out, "\nExit status: 0 ended in order; 1 did not start, or could not go "
		     "on; 2 wrong\nusage; 3 stopped before its work was done.\n");
}

/* The short name that stands in the usage, and what may be there. */
static void add_arg(struct str *out, const struct command_arg *a)
{
	size_t before = out->len;

	str_printf(out, "  %s", a->name);
	while (out->len < before + 16)
		str_addc(out, ' ');
	str_printf(out, " %s%s%s\n", a->help, a->words ? "; one of " : "",
		a->words ? a->words : "");
}

void usage_command(struct str *out, const struct command_def *c)
{
	bool some = false;

	add_command(out, c, "Usage: weir ");
	str_printf(out, " [-datadir DIR]%s\n\n%s\n", c->tier == TIER_MONEY
		? " [--yes | --dry-run]" : "", c->help);
	for (size_t i = 0; i < c->args_n; i++) {
		str_add(out, i ? "" : "\n");
		add_arg(out, &c->args[i]);
		some = some || c->args[i].optional;
	}
	if (some)
		str_printf(out, "\nWhat is in brackets may be left out, and given in any order "
			"as %s=VALUE.\n", c->args[c->args_n - 1].name);
	if (c->tier == TIER_MONEY)
		str_add(out, "\nIt acts on the chain: the node says what it would do, to whom, and "
			"what it costs,\nand does it when that is confirmed on the terminal. --yes "
			"confirms it, --dry-run\nshows it and does nothing.\n");
}

static void man_row(struct str *out, const char *name, const char *text)
{
	str_printf(out, ".TP\n.B %s\n", name);
	man_text(out, text);
	str_addc(out, '\n');
}

/* What is not a table. */
static void add_man_rest(struct str *out)
{
	str_add(out,
		".SH OTHER MACHINES\n.TP\n.B ssh \\-t host weir attach\n"
		"The console there, on this terminal. It goes well with slow and long lines.\n"
		".TP\n.B ssh \\-N \\-L $XDG_RUNTIME_DIR/weir/host.sock:DATADIR/weir.sock "
		"host\nThe socket of a node there, here; DATADIR is its data directory there.\n"
		".TP\n.B weir nodes\nFinds the sockets in $XDG_RUNTIME_DIR/weir, in the data "
		"directories, and those of the file ~/.config/weir/nodes, and says of each "
		"whether a node is behind it.\n"
		".TP\n.B weir attach host\nThe console here, the node there. A name is that of "
		"a file *.sock, of a data directory, or of the file of nodes; a path does, "
		"too. Sockets of other users are refused.\n"
		".SH ENVIRONMENT\n.TP\n.B LP_NAME\nthe flag of that name.\n"
		".TP\n.B NO_COLOR\nthe console without colours.\n"
		".TP\n.B TERM, LANG\nwhat the terminal can show.\n"
		".SH FILES\n.TP\n.I ~/.lpData/offchain\nThe data directory. In it:\n"
		".IR weir.sqlite ,\nsettings and history;\n.IR weir.log ,\nthe log of a node "
		"in the background;\n.IR weir.sock ,\nthe console's socket, for the node's "
		"own user;\n.IR keystore ,\nthe keyfiles of its accounts, as geth writes "
		"them;\n.IR weir.lock .\n"
		".TP\n.I ~/.config/weir/weir.conf\nThe config file of a weir that is given "
		"neither a role nor a data directory;\n.B weir setup\nwrites it.\n"
		".TP\n.I ~/.config/weir/nodes\nOther nodes: a name and a path in a line.\n"
		".SH EXIT STATUS\n.TP\n.B 0\nEnded in order.\n.TP\n.B 1\nDid not start, or "
		"could not go on.\n.TP\n.B 2\nWrong usage.\n.TP\n.B 3\nStopped before its "
		"work was done.\n"
		".SH SIGNALS\nSIGTERM and SIGINT drain the node for at most ten seconds and "
		"end it; a second one ends it at once. SIGHUP does nothing.\n");
}

void usage_man(struct str *out, const struct usage_row *rows, size_t rows_n,
	void (*console)(struct str *out))
{
	str_add(out,
		".TH WEIR 1 \"\" \"weir " WEIR_VERSION "\" \"User Commands\"\n"
		".SH NAME\nweir \\- node and operator console for the Livepeer video "
		"network\n.SH SYNOPSIS\n.B weir\n.RI [ flags ]\n.br\n.B weir\n"
		".I subcommand\n.RI [ flags ]\n.br\n.B weir\n.I command\n"
		".RI [ arguments ]\n.RB [ \\-datadir\n.IR dir ]\n"
		".SH DESCRIPTION\nWithout a subcommand, on a terminal: starts a node in "
		"the background unless one runs on the data directory, and opens the "
		"console on it. Without a terminal: runs the node in the foreground.\n"
		".SH SUBCOMMANDS\n");
	for (size_t i = 0; i < rows_n; i++)
		man_row(out, rows[i].name, rows[i].help);
	str_add(out, ".SH COMMANDS\nOrders to the node that runs on the data directory.\n");
	for (size_t i = 0; i < CMD_COUNT; i++) {
		const struct command_def *c = command_def((enum command_id)i);

		add_command(out, c, ".TP\n.B ");
		str_addc(out, '\n');
		man_text(out, c->help);
		str_addc(out, '\n');
		for (size_t a = 0; a < c->args_n; a++) {
			str_printf(out, ".br\n.IR %s :\n", c->args[a].name);
			man_text(out, c->args[a].help);
			str_addc(out, '\n');
		}
	}
	str_add(out, ".SH OPTIONS\nA flag is written \\-name value, \\-name=value or "
		     "\\-\\-name; it wins over the environment variable LP_NAME, which wins "
		     "over settings changed while the node ran, which win over the file of "
		     "\\-config (lines \"name value\").\n");
	options_man(out);
	console(out);
	add_man_rest(out);
}
