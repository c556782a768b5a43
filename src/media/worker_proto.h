#ifndef SRC_MEDIA_WORKER_PROTO_H
#define SRC_MEDIA_WORKER_PROTO_H
/* What the pool and a worker process say to each other: one struct a message
 * on a SOCK_SEQPACKET pair, media in sealed memfds beside it. Both ends are
 * the same program, so the structs travel as they are; but a worker may have
 * been taken over by the media it read, so what it says is checked before
 * anything is believed, and its memfds must be sealed before they are mapped.
 * No enums or bools inside: a hostile value of those is undefined behaviour. */
#include "src/media/pool.h"

#include <sys/types.h>

#define WORKER_TEXT_SIZE 512
#define WORKER_NAME_SIZE 16

/* First message to a worker. */
struct worker_setup {
	char name[WORKER_NAME_SIZE]; /* "cpu0" */
	char device[8];		     /* GPU number; "" software */
	char preset[32];
	char service_provider[192];
	int32_t threads;
	uint64_t memory; /* bytes of address space */
};

enum worker_task {
	WORKER_TRANSCODE,
	WORKER_PROBE,
	WORKER_COUNT_PIXELS,
	WORKER_END_SESSION, /* no answer */
};
struct worker_request { /* with a memfd, but for WORKER_END_SESSION */
	uint32_t task;
	uint32_t has_slice, force_reinit, calc_perceptual_hash;
	uint64_t id;
	uint64_t input_size;
	uint64_t slice_from_ms, slice_to_ms;
	char session[SESSION_ID_SIZE];
	struct ladder ladder;
};

enum worker_word {
	WORKER_READY, /* sandboxed, waits for work */
	WORKER_LOG,   /* text: a line for the node's log */
	WORKER_DONE,  /* the request `id`: with a memfd if there are renditions */
	WORKER_WORDS,
};
struct worker_answer {
	uint32_t word;
	uint32_t failed;   /* else text is empty */
	uint32_t err_kind; /* enum err_kind */
	uint32_t n;	   /* renditions */
	uint64_t id;
	char text[WORKER_TEXT_SIZE];
	struct {
		uint64_t size, phash_size; /* in the memfd, in this order */
		int64_t pixels;
	} r[LADDER_MAX];
	int64_t decoded_pixels; /* or the count of WORKER_COUNT_PIXELS */
	int64_t transcode_us;
	struct { /* struct media_info */
		char video[16], audio[16], pixel_format[24];
		int32_t width, height;
		double fps;
		int64_t duration_ms, bitrate, start_pts_us;
		uint32_t needs_bypass;
	} info;
};

/* False: not something a sound worker says. */
bool worker_answer_check(const struct worker_answer *a, size_t size);
struct err *worker_answer_err(const struct worker_answer *a) must_check;
void worker_answer_info(const struct worker_answer *a, struct media_info *out);
/* Fills blobs that share one mapping of the memfd; fd stays the caller's. */
struct err *worker_answer_map(const struct worker_answer *a, int fd,
	struct transcode_output *out) must_check;

/* A memfd that nobody can change any more; -1 and errno. */
int worker_memfd_new(const char *name);
struct err *worker_memfd_write(int fd, const void *bytes, size_t size)
	must_check;
struct err *worker_memfd_seal(int fd) must_check;

/* The socket to the node, which is argv[2] of its helper processes; -1: argv is
 * not of that form, or there is none of that kind. */
int worker_socket(int argc, char **argv);
/* One message, with a descriptor unless pass_fd is -1. 0, or -1 and errno. */
int worker_send(int socket, const void *message, size_t size, int pass_fd);
/* Bytes received; 0: the other end is gone; -1 and errno (EPROTO: more than
 * was asked for). *passed_fd is -1 or the caller's. */
ssize_t worker_receive(int socket, void *message, size_t size, int *passed_fd);
#endif
