using System.Reflection;
using Perk.Core.Storage;

namespace Perk.Core.Tests.Jobs;

/// <summary>A store whose leases cannot be renewed for a while.</summary>
public class AwayStore : DispatchProxy
{
    private IObjectStore _store = null!;

    /// <summary>Whether it is away.</summary>
    public bool Away { get; set; }

    /// <summary>How often it was asked meanwhile.</summary>
    public int Asked { get; private set; }

    internal static AwayStore Over(IObjectStore store)
    {
        var proxy = (AwayStore)(object)Create<IObjectStore, AwayStore>();
        proxy._store = store;
        return proxy;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (!Away || targetMethod!.Name != nameof(IObjectStore.TryRenewAsync)) return targetMethod!.Invoke(_store, args);
        Asked++;
        throw new IOException("The storage is away.");
    }
}
