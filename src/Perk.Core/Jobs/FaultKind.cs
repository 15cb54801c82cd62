using Perk.Core.Documents;
using Perk.Core.MetaLearning;
using Perk.Core.Storage;
using Perk.Core.Tasks;

namespace Perk.Core.Jobs;

/// <summary>Why something did not succeed, for counting.</summary>
public enum FaultKind
{
    /// <summary>The document: missing, deleted, not text, empty, too long.</summary>
    Document,

    /// <summary>The message asks for another checkpoint or other options than the host's, or for a suite that the host has not or cannot ask.</summary>
    Options,

    /// <summary>The message is malformed, or its question id is taken.</summary>
    Message,

    /// <summary>The inner loop diverged.</summary>
    Diverged,

    /// <summary>An adapter or model file is damaged or does not fit.</summary>
    ModelFile,

    /// <summary>Memory ran out.</summary>
    Memory,

    /// <summary>The storage account could not be reached, or throttles.</summary>
    Storage,

    /// <summary>Another host took the job.</summary>
    LeaseLost,

    /// <summary>The deadline passed.</summary>
    Deadline,

    /// <summary>A try took longer than a host allows.</summary>
    TimeLimit,

    /// <summary>It was begun as often as is allowed.</summary>
    Exhausted,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>Kinds of exceptions.</summary>
public static class FaultKinds
{
    /// <summary>What an exception means to somebody who does not know the code, without the headers that the storage library repeats.</summary>
    public static string Explain(Exception fault) => StorageFaults.Explain(fault) is { } storage ? storage
        : Of(fault) == FaultKind.Other ? $"{fault.GetType().Name}: {fault.Message}"
        : fault.Message;

    /// <summary>The kind of an exception.</summary>
    public static FaultKind Of(Exception fault) => fault switch
    {
        DocumentException => FaultKind.Document,
        TaskDataException => FaultKind.Options,
        InnerLoopDivergedException => FaultKind.Diverged,
        ModelFileException => FaultKind.ModelFile,
        MessageFormatException => FaultKind.Message,
        MemoryExhaustedException or OutOfMemoryException => FaultKind.Memory,
        LeaseLostException => FaultKind.LeaseLost,
        ModelUnavailableException => FaultKind.ModelFile,
        _ when StorageFaults.Explain(fault) is not null => FaultKind.Storage,
        IOException or StorageUnavailableException or TimeoutException or TaskCanceledException => FaultKind.Storage,
        _ => FaultKind.Other,
    };
}
