/* What an operator types, and what comes back from the database: a line that
 * is a command survives the way through the console socket; a deed that parses
 * is written and read back the same. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/ctl_codec.h"
#include "src/role/deed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(const struct command *a, const struct command *b)
{
	assert(a->def == b->def);
	for (size_t i = 0; i < a->def->args_n; i++) {
		assert(!a->text[i] == !b->text[i]);
		/* A number is written anew: 007 is 7. */
		if (a->text[i] && a->def->args[i].type != ARG_TYPE_INT)
			assert(!strcmp(a->text[i], b->text[i]));
	}
	assert(!strcmp(a->token, b->token));
}

static void through_the_socket(const struct command *c)
{
	struct ctl_reader *r = ctl_reader_new(CTL_MAX_FROM_CONSOLE);
	struct str frame = STR_INIT;
	struct command back;
	struct ctl_frame f;
	uint64_t id;
	bool got;
	struct err *e;

	ctl_write_command(&frame, 7, c);
	ctl_reader_feed(r, frame.s, frame.len);
	e = ctl_reader_next(r, &f, &got);
	assert(!e && got);
	e = ctl_command_decode(&f, &id, &back);
	assert(!e && id == 7);
	same(c, &back);
	command_clear(&back);
	ctl_reader_free(r);
	str_clear(&frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = xstrndup((const char *)data, size);
	struct str one = STR_INIT, two = STR_INIT;
	struct command c;
	struct deed d;
	struct err *e = command_parse_line(line, &c);

	if (!e) {
		through_the_socket(&c);
		command_clear(&c);
	}
	err_free(e);
	if (deed_parse(&d, line)) {
		deed_fmt(&one, &d);
		assert(deed_parse(&d, one.s));
		deed_fmt(&two, &d);
		assert(!strcmp(one.s, two.s));
	}
	str_clear(&one);
	str_clear(&two);
	free(line);
	return 0;
}
