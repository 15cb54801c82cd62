using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Perk.Core.Storage;

namespace Perk.Cli.Tests.Functions;

/// <summary>The app's own Program, run in this process, and a small host that calls its functions: queues by the local host's listener, requests by Kestrel.</summary>
internal sealed class RunningApp : IAsyncDisposable
{
    private static readonly QueueListenerOptions Options = new()
    {
        MaxDequeueCount = 2, VisibilityTimeout = TimeSpan.FromSeconds(1), MinPollingInterval = TimeSpan.FromMilliseconds(20), MaxPollingInterval = TimeSpan.FromMilliseconds(200),
    };

    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly Task _program;
    private readonly IHost _host;
    private readonly Task _listeners;
    private readonly WebApplication _web;

    private RunningApp(Task program, IHost host, WebApplication web, StorageAccount account, IReadOnlyList<AppFunction> functions)
    {
        (_program, _host, _web) = (program, host, web);
        Client = new HttpClient { BaseAddress = new Uri(web.Urls.First()) };
        _listeners = Task.WhenAll(functions.Where(f => f.Trigger is QueueTriggerAttribute).Select(f => ListenAsync(f, account)));
    }

    /// <summary>The app's services.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>Sends requests to the app's HTTP functions.</summary>
    public HttpClient Client { get; }

    /// <summary>Runs the program with settings, as <c>NAME=VALUE</c>.</summary>
    public static Task<RunningApp> StartAsync(StorageAccount account, params string[] settings) => StartAsync(account, AppFunction.All, settings);

    /// <summary>Runs one role's app, with the functions that its build has.</summary>
    public static Task<RunningApp> StartRoleAsync(string role, StorageAccount account, params string[] settings) =>
        StartAsync(account, [.. AppFunction.All.Where(f => f.Role == role || f.Role == "all")], settings);

    private static async Task<RunningApp> StartAsync(StorageAccount account, IReadOnlyList<AppFunction> functions, string[] settings)
    {
        var built = new TaskCompletionSource<IHost>(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread? thread = null;
        using var watch = DiagnosticListener.AllListeners.Subscribe(new OnNext<DiagnosticListener>(listener =>
        {
            if (listener.Name != "Microsoft.Extensions.Hosting") return;
            listener.Subscribe(new OnNext<KeyValuePair<string, object?>>(e =>
            {
                if (e.Key == "HostBuilt" && Thread.CurrentThread == thread) built.TrySetResult((IHost)e.Value!);
            }));
        }));
        var ended = new TaskCompletionSource();
        thread = new Thread(() =>
        {
            try
            {
                typeof(Perk.Functions.AppServices).Assembly.EntryPoint!.Invoke(null, [settings.Select(s => "--" + s).ToArray()]);
                ended.SetResult();
            }
            catch (Exception e)
            {
                var cause = e.InnerException ?? e;
                built.TrySetException(cause);
                ended.TrySetException(cause);
            }
        }) { IsBackground = true };
        thread.Start();
        var host = await built.Task;
        var started = new TaskCompletionSource();
        await using var _ = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(started.SetResult); // Its meters listen by then.
        await await Task.WhenAny(started.Task, ended.Task);
        return new RunningApp(ended.Task, host, await ServeAsync(host.Services, functions), account, functions);
    }

    /// <summary>A timer's tick.</summary>
    public Task TickAsync(string function) =>
        AppFunction.All.Single(f => f.Name == function && f.Trigger is TimerTriggerAttribute).InvokeAsync(Services, new TimerInfo(), null, _stop.Token);

    /// <summary>The platform stops the worker: nothing cancels the invocations' own tokens.</summary>
    public async Task StopProgramAsync()
    {
        if (!_program.IsCompleted) Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await _program;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _listeners;
        await StopProgramAsync();
        Client.Dispose();
        await _web.DisposeAsync();
        _stop.Dispose();
    }

    private static async Task<WebApplication> ServeAsync(IServiceProvider services, IReadOnlyList<AppFunction> functions)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var web = builder.Build();
        foreach (var function in functions)
        {
            if (function.Trigger is not HttpTriggerAttribute http) continue;
            web.MapMethods("/" + http.Route!, http.Methods!, async (HttpContext context) =>
            {
                await using var scope = services.CreateAsyncScope();
                context.RequestServices = scope.ServiceProvider; // The worker's requests have the app's services.
                await ((IResult)(await function.InvokeAsync(services, context.Request, name => context.GetRouteValue(name), context.RequestAborted))!).ExecuteAsync(context);
            });
        }

        await web.StartAsync(TestContext.Current.CancellationToken);
        return web;
    }

    private Task ListenAsync(AppFunction function, StorageAccount account)
    {
        var queue = ((QueueTriggerAttribute)function.Trigger).QueueName;
        return new QueueListener(
            account.Queue(queue), account.Queue(Names.PoisonOf(queue)), (message, stop) => function.InvokeAsync(Services, message, null, stop),
            Names.IsPoison(queue) ? Options with { MaxDequeueCount = 1000 } : Options, // The platform makes no poison queue for a poison queue.
            NullLogger.Instance, TimeProvider.System)
            .RunAsync(_stop.Token);
    }

    private sealed class OnNext<T>(Action<T> next) : IObserver<T>
    {
        void IObserver<T>.OnNext(T value) => next(value);

        void IObserver<T>.OnCompleted()
        {
        }

        void IObserver<T>.OnError(Exception error)
        {
        }
    }
}
