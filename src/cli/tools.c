/* What works without a node: keyfiles, set-ups, another program's directory. */
#include <stdlib.h>
#include <unistd.h>

#include "src/cli/call.h"
#include "src/node/account.h"
#include "src/node/daemon.h"
#include "src/node/datadir.h"
#include "src/node/guide.h"
#include "src/node/import.h"
#include "ui/ask.h"
#include "ui/say.h"

int cli_setup(struct call *c)
{
	struct guide_order o = {c->words_n == 1 ? c->words[0] : NULL, c->output,
		call_has(c, SWITCH_DRY_RUN)};
	struct setup_io io = {ask_say, NULL, NULL};
	struct str text = STR_INIT;
	struct err *e = NULL;

	/* An earlier set-up's file has no part in this one. */
	for (size_t i = 0; i < OPT_COUNT && !config_is_set(c->config, OPT_CONFIG); i++)
		config_unset(c->config, i, ORIGIN_FILE);
	if (c->answers)
		e = config_read_file(c->config, c->answers);
	/* Answers in a file are all the answers. */
	if (!c->answers && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		io.ask = ask_answer;
	if (!e)
		e = guide_run(&o, c->config, &io, &text);
	call_print(&text);
	return e ? say_error(e, EXIT_FAILED) : EXIT_OK;
}

static void say(void *ctx, const char *text)
{
	(void)ctx;
	say_error(err_new(ERR_INVALID, "%s", text), 0);
}

int cli_account(struct call *c)
{
	struct account_order o = {
		.config = c->config,
		.words = c->words,
		.words_n = c->words_n,
		.password_file = c->password_file,
		.json = call_has(c, SWITCH_JSON),
	};
	struct str text = STR_INIT;
	struct err *e = account_run(&o, (struct remarks){say, NULL}, &text);

	call_print_safe(&text, call_has(c, SWITCH_JSON));
	return e ? say_error(e, EXIT_FAILED) : EXIT_OK;
}

int cli_import(struct call *c)
{
	char *dir = config_datadir(c->config);
	struct str report = STR_INIT;
	struct err *e = c->words_n == 1 ? import_livepeer(c->words[0], dir, &report)
		: err_new(ERR_INVALID, "import takes one directory: weir import "
			"~/.lpData/mainnet [-datadir ...]");

	call_print_safe(&report, false);
	free(dir);
	return e ? say_error(e, EXIT_FAILED) : EXIT_OK;
}

int cli_info(struct call *c)
{
	static const char *const files[] = {DATADIR_DB, DATADIR_LOG, DATADIR_SOCKET,
		DATADIR_LOCK};
	static const char *const names[] = {"database", "log", "socket", "lock"};
	char *dir = config_datadir(c->config);
	pid_t pid = datadir_owner(dir);
	struct str text = STR_INIT;

	str_printf(&text, "data directory  %s\n", dir);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		str_printf(&text, "%-15s %s/%s\n", names[i], dir, files[i]);
	if (pid)
		str_printf(&text, "node            running, pid %d\n", (int)pid);
	else
		str_add(&text, "node            not running\n");
	str_add(&text, "roles           ");
	config_roles_text(&text, c->config);
	str_addc(&text, '\n');
	config_report(c->config, &text);
	call_print_safe(&text, false);
	free(dir);
	return EXIT_OK;
}
