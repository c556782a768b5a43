/* Whatever arrives on the console socket, read as the node and as the console
 * would: frames first, then the payload by its type. */
#include "proto/ctl_codec.h"

#include <stdlib.h>

static void ignore_record(void *ctx, const struct journal_record *r)
{
	(void)ctx;
	(void)r;
}

static void decode(const struct ctl_frame *f)
{
	struct ctl_subscribe subscribe;
	struct ctl_answer answer;
	struct ctl_secret secret;
	struct ctl_hello hello;
	struct command command;
	struct ctl_view view;
	struct err *e = NULL;
	char *reason;
	uint64_t n;

	switch (f->type) {
	case CTL_HELLO:
		e = ctl_hello_decode(f, &hello);
		ctl_hello_clear(&hello);
		break;
	case CTL_VIEW:
		e = ctl_view_decode(f, &view);
		break;
	case CTL_LOG:
		e = ctl_log_decode(f, &n, ignore_record, NULL);
		break;
	case CTL_COMMAND:
		e = ctl_command_decode(f, &n, &command);
		command_clear(&command);
		break;
	case CTL_ANSWER:
		e = ctl_answer_decode(f, &answer);
		ctl_answer_clear(&answer);
		break;
	case CTL_SUBSCRIBE:
		e = ctl_subscribe_decode(f, &subscribe);
		break;
	case CTL_SECRET:
		e = ctl_secret_decode(f, &secret);
		break;
	case CTL_TREND: /* fuzz_trend_codec has it */
		break;
	case CTL_BYE:
		e = ctl_bye_decode(f, &reason);
		free(reason);
		break;
	}
	err_free(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctl_reader *r = ctl_reader_new(CTL_MAX_FROM_CONSOLE);
	struct err *e = NULL;
	struct ctl_frame f;
	bool got;

	for (size_t i = 0; i < size && !e; i += 7) {
		ctl_reader_feed(r, data + i, size - i < 7 ? size - i : 7);
		while (!(e = ctl_reader_next(r, &f, &got)) && got)
			decode(&f);
	}
	err_free(e);
	ctl_reader_free(r);
	return 0;
}
