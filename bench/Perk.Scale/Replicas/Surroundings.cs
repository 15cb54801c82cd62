using Perk.Scale.Events;
using Perk.Scale.Parameters;
using Perk.Scale.Queues;

namespace Perk.Scale.Replicas;

/// <summary>What replicas share.</summary>
/// <param name="Options">The parameters.</param>
/// <param name="Loop">The clock.</param>
/// <param name="Draws">Random numbers.</param>
/// <param name="Queue">The queue.</param>
/// <param name="Ledger">The jobs.</param>
/// <param name="Bill">What is billed.</param>
internal sealed record Surroundings(BurstOptions Options, EventLoop Loop, Draws Draws, MessageQueue Queue, Ledger Ledger, Bill Bill)
{
    /// <summary>Nothing has happened yet.</summary>
    public static Surroundings Create(BurstOptions options, int seed)
    {
        var loop = new EventLoop();
        return new Surroundings(options, loop, new Draws(seed), new MessageQueue(loop), new Ledger(options.Jobs, loop), new Bill());
    }

    /// <summary>Told of each try that begins; for those who measure waiting.</summary>
    public Action<Job>? Began { get; init; }
}
