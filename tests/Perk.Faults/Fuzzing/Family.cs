namespace Perk.Faults.Fuzzing;

/// <summary>Inputs of one kind, and the reader that must accept or clearly refuse whatever is made of them.</summary>
internal abstract class Family
{
    /// <summary>What it is called at a prompt.</summary>
    public abstract string Name { get; }

    /// <summary>Its share of the cases, relative to those of the others.</summary>
    public abstract int Weight { get; }

    /// <summary>Whether tensors are made, which are counted then, and native memory watched.</summary>
    public virtual bool HoldsTensors => false;

    /// <summary>Valid inputs, which must be accepted as they are.</summary>
    public abstract IReadOnlyList<Sample> Samples { get; }

    /// <summary>Reads an input, and uses what was read.</summary>
    /// <returns>Whether it was accepted; false where the reader says so by null.</returns>
    /// <exception cref="UnusableException">It was accepted, and cannot be used.</exception>
    public abstract bool Read(Sample input);

    /// <summary>Whether an exception is this reader's way to refuse an input.</summary>
    public abstract bool IsRefusal(Exception e);

    /// <summary>Whether the message of a refusal says which file or field is meant.</summary>
    public abstract bool NamesInput(Exception refusal);
}
