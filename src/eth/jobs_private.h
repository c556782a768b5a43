#ifndef SRC_ETH_JOBS_PRIVATE_H
#define SRC_ETH_JOBS_PRIVATE_H
/* Between the files of struct jobs: jobs.c keeps them and takes orders,
 * jobs_send.c signs and sends, jobs_watch.c finds out what became of them. */
#include <sys/queue.h>

#include "db/txs.h"
#include "src/eth/jobs.h"

struct job {
	TAILQ_ENTRY(job) link;
	struct tx_record row; /* as it is in the database */
	struct tx_attempt *attempts; /* likewise, oldest first */
	size_t n;
	/* Of this run only: */
	int64_t next_ms;   /* isn't sent or tried before */
	int64_t tried_ms;  /* simulated, while it has no nonce; 0: not in this run */
	int64_t heard_ms;  /* a node took its latest attempt, the last time; 0: none */
	int64_t since_ms;  /* ... and the first time, or its time was given anew */
	unsigned heads;	   /* seen since then */
	unsigned refusals; /* in a row, for a reason that won't go away */
	unsigned foreign;  /* looks in a row that found its nonce used, not by us */
	bool push;	   /* a node wants more for it */
	bool refused;	   /* the last that was said is why a node did not take it */
};
TAILQ_HEAD(job_list, job);

struct jobs {
	struct jobs_options o;
	struct eth_addr account;
	struct job_list list;  /* live, and final in blocks that may still go */
	struct tx_job *out;    /* for jobs_next() */
	size_t out_n;
	bool changed;
	struct l2_block head;  /* of the last step */
	uint64_t latest, pending; /* nonces */
	uint64_t used;	       /* nonces below this were used, as far as we saw */
	unsigned gap_looks;
	uint64_t gap;
};

/* --- jobs.c --- */
struct job *jobs_add(struct jobs *j, const struct tx_record *taken);
void jobs_drop(struct jobs *j, struct job *job);
bool job_is_live(const struct job *job);
/* The latest attempt at the nonce it has; NULL: none was made. */
const struct tx_attempt *job_latest(const struct job *job);
/* How many it has at this nonce. */
size_t job_tries(const struct job *job);
/* Writes what `next` changes, then adopts it. A copy of job->row, changed. */
struct err *job_move(struct jobs *j, struct job *job, const struct tx_record *next) must_check;
/* Why it waits, when that is something else than before. */
struct err *job_note(struct jobs *j, struct job *job, const char *fmt, ...)
	printf_like(3, 4) must_check;
/* It is over. */
struct err *job_end(struct jobs *j, struct job *job, enum tx_state state,
	int64_t now_ms, const char *fmt, ...) printf_like(5, 6) must_check;
struct tx_job job_shown(const struct job *job);

/* --- jobs_send.c --- */
/* Runs it without sending. ERR_DENIED: it would fail, and why. */
struct err *jobs_try(struct jobs *j, struct eth_addr to, struct wei value,
	const struct blob *data, struct gas fixed, struct gas *gas) must_check;
/* Does gas cost no more now than it may? */
bool job_is_affordable(const struct tx_record *row, const struct jobs_now *now);
/* A nonce, signed bytes in the database and on their way, for a job that has
 * none; or a note why not. */
struct err *job_launch(struct jobs *j, struct job *job, const struct jobs_now *now)
	must_check;
/* The same for a row that isn't in the database yet. */
struct err *jobs_launch_new(struct jobs *j, struct tx_record *row,
	const struct jobs_now *now, struct job **out) must_check;
/* Another attempt at the same nonce for more; with `undo`, an empty one.
 * ERR_DENIED: it may not cost that much. */
struct err *job_raise(struct jobs *j, struct job *job, const struct jobs_now *now,
	enum tx_undo undo) must_check;
/* Sends the latest attempt (again). */
struct err *job_send(struct jobs *j, struct job *job, const struct jobs_now *now)
	must_check;
/* An empty transaction that takes this nonce, against an attempt that may be
 * out there (NULL: none). */
struct err *jobs_fill(struct jobs *j, uint64_t nonce, const struct tx_attempt *against,
	const struct jobs_now *now) must_check;

/* --- jobs_watch.c --- */
struct err *jobs_look(struct jobs *j, const struct jobs_now *now) must_check;
#endif
