#include "src/node/guide.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/node/config_file.h"

static const char menu[] =
	"No node runs here, and nothing says what one should be.\n"
	"\n"
	"  1  orchestrator: take video from broadcasters and have it transcoded, here or\n"
	"     by other machines; on a chain, for money\n"
	"  2  transcoder: do the transcoding of an orchestrator elsewhere\n"
	"  3  broadcaster: take live streams in, have them transcoded by orchestrators,\n"
	"     play them out\n"
	"  4  just look around: a node without a role; nothing is written\n"
	"\n"
	"A few questions follow; ? explains one, Ctrl-D gives up, and nothing is written\n"
	"before the last answer. No account is made, and nothing is sent anywhere.";

static bool takes_choice(const char *answer, unsigned *role)
{
	static const char *const names[] = {"orchestrator", "transcoder", "broadcaster",
		"look"};
	static const unsigned roles[] = {OPTION_O, OPTION_T, OPTION_B, 0};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		bool by_number = answer[0] == (char)('1' + i) && !answer[1];

		*role = roles[i];
		if (by_number || strcmp(answer, names[i]) == 0)
			return true;
	}
	return false;
}

/* An old file is never written over. */
static struct err *write_new(const char *path, const struct str *text)
{
	if (access(path, F_OK) == 0)
		return err_new(ERR_INVALID, "%s is there already: move it away, or name "
			"another with --output", path);
	return config_file_create(path, str_cstr(text), text->len);
}

struct err *guide_first_start(const struct config *given, const struct setup_io *io,
	enum guide_choice *choice, char **path)
{
	struct str text = STR_INIT, told = STR_INIT;
	unsigned role = 0;
	bool chosen = false;
	struct err *e;

	*path = NULL;
	io->say(io->ctx, menu);
	while (!chosen) {
		char *answer = io->ask(io->ctx, "What is this machine to be? 1 to 4");

		if (!answer)
			return err_new(ERR_CANCELLED, "given up: nothing is written");
		chosen = takes_choice(answer, &role);
		free(answer);
	}
	*choice = role ? GUIDE_SET_UP : GUIDE_LOOK;
	if (!role)
		return NULL;
	e = setup_run(role, given, io, &text);
	*path = e ? NULL : config_file_home();
	if (!e)
		e = write_new(*path, &text);
	if (e)
		free(TAKE(*path));
	else
		str_printf(&told, "%s is written; every flag may be a line of it.", *path);
	if (!e)
		io->say(io->ctx, told.s);
	str_clear(&text);
	str_clear(&told);
	return e;
}

struct err *guide_run(const struct guide_order *o, const struct config *given,
	const struct setup_io *io, struct str *out)
{
	unsigned role = o->role ? setup_role(o->role) : 0;
	struct str text = STR_INIT;
	char *path;
	struct err *e;

	if (!role)
		return err_new(ERR_INVALID, "set up as what? weir setup orchestrator, "
			"transcoder or broadcaster; answers are flags, or lines of "
			"--answers FILE");
	e = setup_run(role, given, io, &text);
	path = o->output ? xstrdup(o->output) : config_file_home();
	if (!e && o->dry_run) {
		str_add(out, text.s);
	} else if (!e) {
		e = write_new(path, &text);
		if (!e)
			str_printf(out, "%s is written; start it with `weir run%s%s`\n", path,
				o->output ? " -config " : "", o->output ? path : "");
	}
	free(path);
	str_clear(&text);
	return e;
}
