using System.Reflection;
using Azure.Storage.Queues.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace Perk.Cli.Tests.Functions;

/// <summary>A function of the app, found by its attributes as the platform finds it.</summary>
internal sealed class AppFunction
{
    private readonly MethodInfo _method;

    private AppFunction(MethodInfo method, string name, Attribute trigger, Type bound) => (_method, Name, Trigger, Bound) = (method, name, trigger, bound);

    /// <summary>All of the app's functions.</summary>
    public static IReadOnlyList<AppFunction> All { get; } =
    [
        .. from type in typeof(Perk.Functions.AppServices).Assembly.GetTypes()
           from method in type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
           let function = method.GetCustomAttribute<FunctionAttribute>()
           where function is not null
           let bound = method.GetParameters().Single(p => TriggerOf(p) is not null)
           select new AppFunction(method, function.Name, TriggerOf(bound)!, bound.ParameterType),
    ];

    public string Name { get; }

    public Attribute Trigger { get; }

    /// <summary>The type of the parameter that the trigger fills.</summary>
    public Type Bound { get; }

    /// <summary>Whether the platform's generated code can call it: public, in a public class that is not nested.</summary>
    public bool IsCallable => _method.IsPublic && _method.DeclaringType is { IsPublic: true, IsNested: false };

    /// <summary>The folder of its class, which decides the roles it is in.</summary>
    public string Role => _method.DeclaringType!.Namespace!.Split('.')[^1] is "Functions" ? "all" : _method.DeclaringType.Namespace.Split('.')[^1].ToLowerInvariant();

    /// <summary>The source file of its class, from the project's folder; the build selects by folder.</summary>
    public string File => Role == "all" ? $"{_method.DeclaringType!.Name}.cs" : $"{_method.DeclaringType!.Namespace!.Split('.')[^1]}/{_method.DeclaringType.Name}.cs";

    /// <summary>The names of what the route gives it.</summary>
    public IEnumerable<string> RouteParameters => _method.GetParameters().Where(p => p.ParameterType == typeof(string)).Select(p => p.Name!);

    /// <summary>Makes the class from the app's services, as the worker does for each call, and calls it.</summary>
    /// <param name="services">The app's services.</param>
    /// <param name="trigger">What the trigger brings.</param>
    /// <param name="route">Parameters of the route.</param>
    /// <param name="cancel">The invocation's token.</param>
    /// <returns>What the function returns.</returns>
    public async Task<object?> InvokeAsync(IServiceProvider services, object trigger, Func<string, object?>? route, CancellationToken cancel)
    {
        await using var scope = services.CreateAsyncScope();
        var instance = _method.IsStatic ? null : ActivatorUtilities.CreateInstance(scope.ServiceProvider, _method.DeclaringType!);
        object?[] arguments = [.. _method.GetParameters().Select(p => TriggerOf(p) is not null ? trigger : p.ParameterType == typeof(CancellationToken) ? cancel : route!(p.Name!))];
        switch (_method.Invoke(instance, arguments))
        {
            case Task<IResult> result: return await result;
            case Task task: await task; return null;
            case var value: return value;
        }
    }

    private static Attribute? TriggerOf(ParameterInfo parameter) =>
        parameter.GetCustomAttributes().SingleOrDefault(a => a is QueueTriggerAttribute or TimerTriggerAttribute or HttpTriggerAttribute);

    /// <summary>What a trigger's parameter must be for the binding that the app relies on.</summary>
    public static Type Expected(Attribute trigger) => trigger switch
    {
        QueueTriggerAttribute => typeof(QueueMessage),
        TimerTriggerAttribute => typeof(TimerInfo),
        _ => typeof(HttpRequest),
    };
}
