/* `history`: the hour and the day that consoles plot, for scripts. */
#include <string.h>

#include "proto/ctl_codec.h"
#include "src/base/blob.h"
#include "src/base/board.h"
#include "src/base/clock.h"
#include "src/model/trend.h"
#include "src/node/chronicle.h"
#include "src/node/command.h"
#include "src/node/listing.h"

static const char *const columns[] = {"from", "watched_ms", "segments", "failed", "pixels",
	"busy_ms", "media_ms", "session_ms", "cpu_ms", "earned", "redeemed", "gas", "spent", NULL};

static void add_sample(struct listing *l, enum span span, const struct sample *q)
{
	const int64_t numbers[] = {q->observed_ms, q->segments, q->failed, q->pixels, q->busy_ms,
		q->media_ms, q->session_ms, q->cpu_ms};

	listing_add_time(l, q->slot * trend_slot_ms(span));
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		listing_add_number(l, numbers[i]);
	listing_add_wei(l, q->earned);
	listing_add_wei(l, q->redeemed);
	listing_add_wei(l, q->gas);
	listing_add_wei(l, q->spent);
}

void cmd_history(struct command_target *t, const struct command *c, struct reply reply)
{
	const char *word = command_text(c, "span");
	enum span span = word && !strcmp(word, "day") ? SPAN_DAY : SPAN_HOUR;
	struct listing *l = listing_new(columns);
	struct str text = STR_INIT;
	uint64_t version;
	struct blob *b = board_get(t->board, BOARD_TREND, &version);
	const struct trend *trend = b ? (const void *)blob_data(b) : NULL;

	for (size_t i = 0; trend && i < trend->ring[span].n; i++)
		add_sample(l, span, trend_at(trend, span, i));
	blob_put(b);
	listing_write(l, listing_format(command_text(c, "format")), &text);
	listing_free(l);
	reply_send(reply, NULL, ctl_answer_new(CTL_DONE, str_take(&text)));
}
