/* The record of a migration, as a kill, a full disk or another hand may leave it:
 * it reads as lines that have an event, or it is refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "src/migrate/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	int fd = memfd_create("record", MFD_CLOEXEC);
	struct record *r = NULL;
	char path[64];

	if (fd < 0 || write(fd, data, n) != (ssize_t)n)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	err_free(record_look(path, &r));
	for (size_t i = 0; r && i < record_n(r); i++) {
		const struct migration_line *l = record_at(r, i);

		if (!l->event)
			abort();
		record_of_step(r, view_text(l->step));
		record_last(r, l->event, l->step);
	}
	if (r && record_is_undone(r) && record_n(r))
		abort();
	record_close(r);
	close(fd);
	return 0;
}
