namespace Perk.Scale.Replicas;

/// <summary>Billed seconds of all replicas, by what they were spent on.</summary>
internal sealed class Bill
{
    private readonly double[] _seconds = new double[Enum.GetValues<Spent>().Length];

    /// <summary>Seconds spent on something.</summary>
    public double this[Spent on] => _seconds[(int)on];

    /// <summary>Whether the last document has ended: replicas that wait from then on only cool down.</summary>
    public bool IsDrained { get; set; }

    /// <summary>What waiting is now.</summary>
    public Spent Waiting => IsDrained ? Spent.Cooldown : Spent.Idle;

    /// <summary>All of them.</summary>
    public double Total => _seconds.Sum();

    /// <summary>Adds some.</summary>
    public void Add(Spent on, double seconds) => _seconds[(int)on] += seconds;
}

/// <summary>What a replica's time is spent on.</summary>
internal enum Spent
{
    /// <summary>Tries that succeeded.</summary>
    Useful,

    /// <summary>Image, host and model.</summary>
    ColdStart,

    /// <summary>Waiting for a message before the last document has ended.</summary>
    Idle,

    /// <summary>Waiting after it.</summary>
    Cooldown,

    /// <summary>Tries that failed.</summary>
    Failed,

    /// <summary>Tries whose process was killed.</summary>
    Killed,

    /// <summary>Tries that were given back because the replica was to go.</summary>
    Released,

    /// <summary>Deliveries for which there was nothing to do: the job had ended, or another replica had it.</summary>
    Duplicate,
}
