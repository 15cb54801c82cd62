namespace Perk.Core.Documents;

/// <summary>Numerics run synchronously on one thread, one job at a time.</summary>
public static class AcceleratorGate
{
    /// <summary>A gate that lets one job compute at a time.</summary>
    public static SemaphoreSlim Create() => new(1, 1);

    /// <summary>Runs a computation on a pool thread once the gate is free.</summary>
    /// <param name="gate">The gate.</param>
    /// <param name="computes">Told when it is; may be null.</param>
    /// <param name="compute">The computation.</param>
    /// <param name="cancel">Cancels the waiting.</param>
    public static async Task<T> RunAsync<T>(this SemaphoreSlim gate, Action? computes, Func<T> compute, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            computes?.Invoke();
            return await Task.Run(compute, cancel);
        }
        finally
        {
            gate.Release();
        }
    }
}
