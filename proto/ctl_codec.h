#ifndef PROTO_CTL_CODEC_H
#define PROTO_CTL_CODEC_H
/* The payloads of the console socket's frames (proto/ctl_frame.h describes
 * the protocol). ctl_write_x() appends one whole frame to `out`; x_decode()
 * takes a payload, checks everything, and fills a struct that x_clear() frees.
 * After an error the struct is clear. Pure; any thread. */
#include "proto/command.h"
#include "proto/ctl_frame.h"
#include "src/base/journal.h"
#include "src/model/view.h"

struct ctl_hello {
	int64_t protocol;
	char *version; /* of weir */
	int64_t pid;
};
void ctl_write_hello(struct str *out, int64_t pid); /* our own version */
struct err *ctl_hello_decode(const struct ctl_frame *f, struct ctl_hello *out)
	must_check;
void ctl_hello_clear(struct ctl_hello *h);

struct ctl_subscribe {
	uint32_t sections; /* mask of 1 << enum section */
	bool log;
	uint64_t log_after;
	bool trend;
	int64_t trend_after; /* slot; -1: all */
};
#define CTL_ALL_SECTIONS ((1u << SECTION_COUNT) - 1)
void ctl_write_subscribe(struct str *out, const struct ctl_subscribe *s);
struct err *ctl_subscribe_decode(const struct ctl_frame *f,
	struct ctl_subscribe *out) must_check;

/* view: a struct of section_desc(s), or NULL for what nobody published. */
void ctl_write_view(struct str *out, enum section s, uint64_t version,
	const void *view);
/* The same around JSON encoded before (view_encode), once for all consoles. */
void ctl_write_view_json(struct str *out, enum section s, uint64_t version,
	const char *json, size_t n);
struct ctl_view { /* the JSON lies in the frame: decode it when it is needed */
	enum section section;
	uint64_t version;
	const char *json;
	size_t n;
};
struct err *ctl_view_decode(const struct ctl_frame *f, struct ctl_view *out)
	must_check;

/* A LOG frame is written record by record: begin, add, end. Fits
 * journal_read()'s callback. */
struct ctl_log_writer {
	struct str *out;
	size_t begun;
	size_t records;
};
void ctl_log_begin(struct ctl_log_writer *w, struct str *out, uint64_t after);
void ctl_log_add(struct ctl_log_writer *w, const struct journal_record *r);
void ctl_log_end(struct ctl_log_writer *w);
/* Calls fn for each record, in order; name and text are valid inside fn. */
struct err *ctl_log_decode(const struct ctl_frame *f, uint64_t *after,
	void (*fn)(void *ctx, const struct journal_record *r), void *ctx)
	must_check;

void ctl_write_command(struct str *out, uint64_t id, const struct command *c);
/* Fills *id whenever the payload has one, so that a refusal can name it. */
struct err *ctl_command_decode(const struct ctl_frame *f, uint64_t *id,
	struct command *out) must_check;

enum ctl_outcome { CTL_DONE, CTL_REFUSED, CTL_ACCEPTED, CTL_ASKS };
const char *ctl_outcome_name(enum ctl_outcome o);
struct ctl_answer { /* texts are owned; NULL reads as "" */
	uint64_t id;
	enum ctl_outcome outcome;
	char *text;
	char *token, *word; /* ASKS: for the COMMAND that confirms, and what
			     * the operator types for it */
	int64_t code; /* DONE: what `weir <command>` exits with: 0, or how bad
		       * things are */
};
/* On the heap, for who answers later; takes the text. */
struct ctl_answer *ctl_answer_new(enum ctl_outcome outcome, char *taken_text);
void ctl_answer_free(struct ctl_answer *a); /* NULL ok */
void ctl_write_answer(struct str *out, const struct ctl_answer *a);
struct err *ctl_answer_decode(const struct ctl_frame *f,
	struct ctl_answer *out) must_check;
void ctl_answer_clear(struct ctl_answer *a);

struct ctl_secret {
	uint64_t id, number; /* of the console's message, and of the question */
	const char *bytes;   /* in the frame: no NUL, no end of a line */
	size_t n;
};
#define CTL_SECRET_MAX 1023
void ctl_write_secret(struct str *out, uint64_t id, uint64_t number, const char *text);
/* Fills id whenever the payload has one. */
struct err *ctl_secret_decode(const struct ctl_frame *f, struct ctl_secret *out)
	must_check;

void ctl_write_bye(struct str *out, const char *reason);
/* The reason, to be freed; "" when there is none. */
struct err *ctl_bye_decode(const struct ctl_frame *f, char **reason)
	must_check;
#endif
