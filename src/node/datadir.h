#ifndef SRC_NODE_DATADIR_H
#define SRC_NODE_DATADIR_H
/* The data directory: who has it, and what lies in it. A lock on weir.lock,
 * held by the kernel as long as the node's process lives, makes one node per
 * directory; a file left by a killed node locks nothing. */
#include "src/base/err.h"
#include "src/base/str.h"
#include <sys/types.h>

struct datadir;

/* mkdir -p with mode 0700; what is there already keeps its mode. */
struct err *datadir_make(const char *path) must_check;

/* Makes the directory (0700) where it is missing and takes it. Refused when
 * another node has it: the text names its pid. */
struct err *datadir_take(const char *path, struct datadir **out) must_check;
void datadir_release(struct datadir *d); /* NULL ok */
/* Absolute, whatever was given. */
const char *datadir_path(const struct datadir *d);

/* The pid of the node that has `path`; 0 when none does. */
pid_t datadir_owner(const char *path);
/* "<path>/weir.sock" and so on; free() it. */
char *datadir_file(const char *path, const char *name);
#define DATADIR_LOCK "weir.lock"
#define DATADIR_SOCKET "weir.sock"
#define DATADIR_LOG "weir.log"
#define DATADIR_DB "weir.sqlite"
/* A Unix socket's path has 108 bytes: the error says what to do. */
struct err *datadir_check_socket(const char *socket_path) must_check;
#endif
