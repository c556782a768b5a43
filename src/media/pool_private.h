#ifndef SRC_MEDIA_POOL_PRIVATE_H
#define SRC_MEDIA_POOL_PRIVATE_H
/* The pool's parts, for pool*.c only; everything here belongs to the pool's
 * actor.
 *   pool.c          the public functions, posting to the actor
 *   pool_child.c    one worker process: start, messages, watchdog, restart
 *   pool_session.c  sessions, their queues, which worker serves them
 *   pool_spawn.c    this program once more, as one of the pool's processes
 *   pool_gpus.c     what the process that asks the GPUs' driver says
 *   pool_view.c     what the console may know */
#include "src/base/board.h"
#include "src/media/pool.h"
#include "src/media/pool_gpus.h"
#include "src/media/worker_proto.h"
#include "src/model/view.h"

#include <sys/queue.h>
#include <sys/types.h>
#include <uthash.h>
#include <uv.h>

#define SESSION_WAITING_MAX 4	/* more is "TranscoderBusy" */
#define SESSION_IDLE_MS 70000	/* go-livepeer's transcodeLoopTimeout */
#define PROBES_WAITING_MAX 64
#define PROBE_TIMEOUT_MS 8000

struct session;
struct child;

struct job {
	STAILQ_ENTRY(job) link;
	enum worker_task task;
	struct session *session; /* NULL: of the prober */
	struct transcode_job *transcode;
	struct blob *input; /* owned */
	struct reply reply;
	uint64_t id;
	int64_t queued_ms;
	unsigned timeout_ms;
};
STAILQ_HEAD(jobs, job);

enum child_state {
	CHILD_STARTING, /* the process is there, READY has not come */
	CHILD_IDLE,
	CHILD_BUSY,
	CHILD_DOWN, /* no process; `timer` starts one */
};

struct child {
	struct pool *pool;
	char name[WORKER_NAME_SIZE]; /* "cpu0" */
	int gpu;	/* index in pool->gpus, -1: CPU */
	bool prober;	/* serves no sessions */
	bool draining;
	enum child_state state;
	pid_t pid;
	pid_t undead; /* killed, and still there; 0 none */
	int socket;
	uv_poll_t *poll;
	struct timer *timer; /* start-up and job deadline, or restart */
	bool timed_out;	     /* we killed it for being late */
	unsigned bad_starts; /* in a row */
	struct job *job;     /* BUSY: what it does */
	int64_t job_us;	     /* since when */
	struct jobs probes;  /* the prober's queue */
	size_t probes_n;

	int64_t since_ms; /* Unix time */
	int64_t segments, failed, restarts, pixels, rss;
	int64_t media_us, wall_us; /* decaying sums: their ratio is the speed */
	int64_t busy_us;	   /* in the present second */
	double utilisation;	   /* -1 unknown */
	int64_t cpu_us;		   /* of the process that is, so far */
	double cpu;		   /* share of one core in the last second; -1 unknown */
	char last_error[WORKER_TEXT_SIZE];
	int64_t last_error_ms;
	unsigned sessions_n;
	int64_t cost; /* pixels per second asked of it */
};

struct session {
	UT_hash_handle hh;
	char id[SESSION_ID_SIZE];
	struct child *child;
	int64_t cost;
	struct jobs waiting;
	size_t waiting_n;
	bool running, ended;
	int64_t last_ms;
};

struct pool {
	struct actor *actor;
	struct log *log;
	struct pool_options o; /* strings owned */
	unsigned threads;      /* of each worker's codecs; 0 as FFmpeg likes */
	struct caps caps;      /* constant */
	struct gpus *gpus;
	char cpu_name[64];
	struct child *children; /* sessions' */
	size_t children_n;
	struct child prober;
	struct session *sessions;
	uint64_t last_id;
	struct timer *tick, *publish;
	bool stopping;
	_Atomic int64_t cpu_us; /* of all processes that ever were */
	struct board *board; /* slot 0: a struct view_transcoders */
};

/* --- pool_spawn.c --- */
/* `exe subcommand 3`, 3 being the other end of *socket, which does not block. */
struct err *pool_spawn(const char *exe, const char *subcommand, pid_t *pid, int *socket)
	must_check;

/* --- pool_child.c --- */
void child_start(struct child *c);
void child_stop(struct child *c); /* kills it; no restart */
/* The child is IDLE. Answers for the job, now or later. */
void child_give(struct child *c, struct job *taken);
void child_end_session(struct child *c, const char *id);
void child_probe(struct child *c, struct job *taken); /* the prober */
void child_tick(struct child *c);
const char *child_state_name(const struct child *c);

/* --- pool_session.c --- */
void pool_session_submit(struct pool *p, struct job *taken);
void pool_session_end(struct pool *p, struct session *s);
/* The job is over; frees what is done with and feeds the child again. */
void session_job_done(struct child *c, struct session *s);
void child_next(struct child *c); /* if IDLE: the longest-waiting job */
void sessions_tick(struct pool *p);
void sessions_stop(struct pool *p);

/* --- pool.c --- */
/* Answers and frees; one of e and result. */
void job_finish(struct job *taken, struct err *e, void *result);

/* --- pool_view.c --- */
void pool_touch(struct pool *p); /* something in the rows changed */
void pool_publish(void *ctx);
void pool_read_cpu_name(struct pool *p);
int64_t process_rss(pid_t pid); /* bytes; -1 unknown */
int64_t process_cpu_us(pid_t pid); /* user and system; -1 unknown */
#endif
