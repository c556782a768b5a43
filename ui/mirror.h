#ifndef UI_MIRROR_H
#define UI_MIRROR_H
/* What the console knows of its node: the latest view of each section, the
 * log, and the commands under way. Panels read it and nothing else; time is
 * the node's (node.now_ms), so the same mirror always draws the same screen.
 * One owner. */
#include "proto/ctl_codec.h"
#include "src/model/trend.h"
#include "ui/backlog.h"

struct view_reader;

enum link_state { LINK_DOWN, LINK_CONNECTING, LINK_UP };

struct pending {
	uint64_t id;
	char *line; /* as the operator gave it */
};

/* What the node wants confirmed before it does a command. */
struct question {
	struct command command; /* with the token that confirms it */
	char *line;
	char *summary; /* lines */
	char *word;    /* to be typed */
};
void question_clear(struct question *q);

struct mirror {
	struct view_node node;
	struct view_streams streams;
	struct view_sessions sessions;
	struct view_transcoders transcoders;
	struct view_orchestrators orchestrators;
	struct view_chain chain;
	struct view_staking staking;
	struct view_pricing pricing;
	struct view_funds funds;
	struct view_tickets tickets;
	struct view_txs txs;
	struct view_doctor doctor;
	struct view_devices devices;
	struct view_settings settings;
	struct view_migration migration;
	struct view_wizard wizard;
	uint64_t version[SECTION_COUNT];
	bool published[SECTION_COUNT]; /* seen, with a version above 0 */

	/* The rows of streams and sessions together; borrowed. */
	const struct session_row **live;
	size_t live_n;

	struct backlog log;
	struct trend trend;
	struct pending *pending;
	size_t pending_n;
	uint64_t next_id;
	struct question *questions; /* in the order they came */
	size_t questions_n;
	char *paper, *paper_title; /* the last answer of several lines to a question of the
				    * operator's, until somebody takes it; NULL: none */

	enum link_state link;
	char *link_text; /* why it is not up */
	char *label;	 /* the node's name in the title bar; may be NULL */
	int64_t rang_ms; /* the newest alarm that this console knows; 0: none came yet */
	bool readonly;
	bool frozen;

	struct str raw[SECTION_COUNT]; /* views that arrived, not yet decoded */
	uint64_t raw_version[SECTION_COUNT];
	struct view_reader *reader; /* the one being decoded */
	enum section reading;
	uint64_t reading_version;
};

void mirror_init(struct mirror *m);
void mirror_clear(struct mirror *m);

/* Keeps the bytes; a view that was still waiting is replaced by its newer. */
void mirror_put_view(struct mirror *m, const struct ctl_view *v);
/* Decodes a slice of what waits, one or two milliseconds of work, so that no
 * key waits longer: *more says whether there is more to do. A section changes
 * when all of it is there. */
struct err *mirror_settle(struct mirror *m, bool *more) must_check;
struct err *mirror_put_log(struct mirror *m, const struct ctl_frame *f)
	must_check;

struct err *mirror_put_trend(struct mirror *m, const struct ctl_frame *f)
	must_check;

/* Notes a command about to be sent; returns its id. */
uint64_t mirror_ask(struct mirror *m, const char *line);
/* Appends what the operator should read about the answer in a line; one that asks
 * is the last of m->questions from then on, and one of several lines is m->paper. */
void mirror_answer(struct mirror *m, const struct ctl_answer *a,
	struct str *message);
/* The first n, whose texts someone has taken. */
void mirror_drop_questions(struct mirror *m, size_t n);
/* A lost connection leaves commands without an answer: drops them. */
void mirror_forget_pending(struct mirror *m);

/* An alarm was raised since the last call that nobody has seen: true once, however
 * late the console hears of it and however many there were. What was there when
 * it came is on the screen, and rings for nobody. */
bool mirror_rings(struct mirror *m);

/* Milliseconds from then to the node's now; -1 when either is unknown. */
int64_t mirror_age(const struct mirror *m, int64_t then_ms);
#endif
