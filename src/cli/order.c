/* Commands to a node that runs, and waiting for what they bring about. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/command.h"
#include "src/base/clock.h"
#include "src/cli/call.h"
#include "src/node/daemon.h"
#include "src/node/datadir.h"
#include "src/node/settings.h"
#include "ui/console.h"
#include "ui/drain_wait.h"
#include "ui/say.h"

/* The node answers `stop` before it ends; a script that starts another one
 * next wants it gone. */
static int wait_for_end(const char *dir)
{
	for (int i = 0; i < (DRAIN_SECONDS + 5) * 20; i++) {
		if (!datadir_owner(dir))
			return EXIT_OK;
		poll(NULL, 0, 50);
	}
	fputs("weir: the node is still stopping\n", stderr);
	return EXIT_FAILED;
}

static bool is_gone(void *ctx)
{
	return !datadir_owner(ctx);
}

/* `weir drain then=restart --wait`: words are the command's. */
static int wait_for_drain(const char *socket, char *dir, int64_t ordered_ms, size_t n,
	char **words)
{
	struct command command = {0};
	struct err *e = command_parse(command_def(CMD_drain), words + 1, n - 1, &command);
	const char *then = e ? NULL : command_text(&command, "then");
	struct drain_wait w = {
		.socket = socket,
		.ordered_ms = ordered_ms,
		.answered_ms = clock_wall_ms(),
		.ends = then && !strcmp(then, "stop"),
		.restarts = then && !strcmp(then, "restart"),
		.is_gone = is_gone,
		.ctx = dir,
	};
	int code = e ? say_error(e, EXIT_FAILED) : drain_wait_main(&w);

	command_clear(&command);
	return code;
}

/* `weir drain_transcoder cpu0`: one of proto/commands.def. */
static int run_order(struct call *c)
{
	char *socket = call_socket(c), *dir = config_datadir(c->config);
	struct order_options o = {
		.readonly = config_bool(c->config, OPT_READONLY),
		.yes = call_has(c, SWITCH_YES),
		.dry_run = call_has(c, SWITCH_DRY_RUN),
	};
	bool wait = call_has(c, SWITCH_WAIT);
	char json[] = "format=json", csv[] = "format=csv", drift[] = "only=drift";
	char *words[COMMAND_ARGS_MAX * 2 + 4];
	int64_t began_ms = clock_wall_ms();
	enum command_id id;
	size_t n = 0;
	int code;

	while (n < ARRAY_SIZE(words) - 2 && n <= c->words_n) {
		words[n] = c->words[(ptrdiff_t)n - 1];
		n++;
	}
	/* Queries that have a format take it as an argument. */
	if (call_has(c, SWITCH_JSON) || call_has(c, SWITCH_CSV))
		words[n++] = call_has(c, SWITCH_JSON) ? json : csv;
	if (call_has(c, SWITCH_DRIFT))
		words[n++] = drift;
	id = command_find(c->name)->id;
	code = order_main(socket, &o, (int)n, words);
	if (code == EXIT_OK && id == CMD_stop)
		code = wait_for_end(dir);
	if (code == EXIT_OK && wait)
		code = wait_for_drain(socket, dir, began_ms, n, words);
	free(socket);
	free(dir);
	return code;
}

static bool takes_word(const struct command_def *d, const char *arg, const char *word)
{
	for (size_t i = 0; i < d->args_n; i++)
		if (!strcmp(d->args[i].name, arg))
			return strstr(d->args[i].words, word) != NULL;
	return false;
}

unsigned cli_command_switches(const struct call *c)
{
	const struct command_def *d = command_find(c->name);
	unsigned taken = SWITCH_YES;

	if (takes_word(d, "format", "json"))
		taken |= SWITCH_JSON;
	if (takes_word(d, "format", "csv"))
		taken |= SWITCH_CSV;
	if (takes_word(d, "only", "drift"))
		taken |= SWITCH_DRIFT;
	if (d->id == CMD_drain)
		taken |= SWITCH_WAIT;
	if (d->tier == TIER_MONEY)
		taken |= SWITCH_DRY_RUN;
	return taken;
}

/* `weir unset` of what keeps the node from running needs none. */
int cli_command(struct call *c)
{
	char *dir = config_datadir(c->config);
	struct str told = STR_INIT;
	struct err *e;

	if (command_find(c->name)->id != CMD_unset || c->words_n != 1 || datadir_owner(dir)) {
		free(dir);
		return run_order(c);
	}
	e = settings_forget(dir, c->words[0], &told);
	call_print(&told);
	free(dir);
	return e ? say_error(e, EXIT_FAILED) : EXIT_OK;
}
