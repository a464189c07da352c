/* Ends a kernel of which a thread runs for ever, or uses an address where nothing is. */
#pragma once

#include "schedule.hpp"

namespace cuda_on_host {

struct Watch { /* as long as it lives */
    static constexpr long SECONDS = 1; /* of the processor's, in which one thread runs alone */
    Watch();
    ~Watch();
};

}
